import type { Kysely, Selectable } from 'kysely';

import type { IndexGenerationsTable, Tables } from '../../database/tables.ts';
import type { EmbeddingConnection } from '../../models/connect-embedding-model.ts';
import type { EmbeddingModel } from '../../models/embedding-model.ts';
import { ANALYSER_VERSION } from '../../retrieval/analyse-text.ts';
import type { PassageIndex } from '../../retrieval/passage-index.ts';
import { SPLITTER_VERSION } from '../../retrieval/split-passages.ts';

export type GenerationRecord = Selectable<IndexGenerationsTable>;

/** What a generation is built with; a difference in any of them asks for another generation. */
export type GenerationSetup = Pick<
  GenerationRecord,
  'splitterVersion' | 'analyserVersion' | 'embeddingModel' | 'dimension'
>;

/** The generation that answers, as it is at this moment. */
export type ActiveGeneration = {
  id: number;
  index: PassageIndex;
  /** Whether its passages carry vectors. */
  needsVectors: boolean;
  /** The model of its vectors; undefined when there is none, or when it cannot be reached. */
  embeddingModel: EmbeddingModel | undefined;
};

/** Makes the handle of a generation's index; `dimension` is null when passages have no vectors. */
export type CreateIndex = (generation: { id: number; dimension: number | null }) => PassageIndex;

/**
 * The setup that the program and its configuration ask for.
 * @returns undefined while it cannot be known, because the endpoint of a new embedding model has not told its dimension
 */
export async function findWantedSetup(
  database: Kysely<Tables>,
  embedding: EmbeddingConnection | undefined,
): Promise<GenerationSetup | undefined> {
  const versions = { splitterVersion: SPLITTER_VERSION, analyserVersion: ANALYSER_VERSION };
  if (!embedding) return { ...versions, embeddingModel: null, dimension: null };
  const dimension = embedding.current()?.dimension ?? (await findKnownDimension(database, embedding.id));
  return dimension === undefined ? undefined : { ...versions, embeddingModel: embedding.id, dimension };
}

async function findKnownDimension(database: Kysely<Tables>, modelId: string): Promise<number | undefined> {
  const row = await database
    .selectFrom('indexGenerations')
    .select('dimension')
    .where('embeddingModel', '=', modelId)
    .where('status', '!=', 'discarded')
    .orderBy('id', 'desc')
    .executeTakeFirst();
  return row?.dimension ?? undefined;
}

/** Whether a generation was built with a setup. */
export function hasSetup(generation: GenerationSetup, setup: GenerationSetup): boolean {
  return keyOfSetup(generation) === keyOfSetup(setup);
}

/** A setup as one text, equal for equal setups. */
export function keyOfSetup(setup: GenerationSetup): string {
  const { splitterVersion, analyserVersion, embeddingModel, dimension } = setup;
  return JSON.stringify([splitterVersion, analyserVersion, embeddingModel, dimension]);
}

/** The model that a generation's vectors came from, when it is configured and answers. */
export function modelOfGeneration(
  generation: Pick<GenerationRecord, 'embeddingModel' | 'dimension'>,
  embedding: EmbeddingConnection | undefined,
): EmbeddingModel | undefined {
  const model = embedding?.current();
  if (!model || generation.dimension === null) return undefined;
  const isSame = model.id === generation.embeddingModel && model.dimension === generation.dimension;
  return isSame ? model : undefined;
}

/** The row of the active generation; the first one is made here, by words alone while the wanted setup is unknown. */
export async function findOrCreateActive(options: {
  database: Kysely<Tables>;
  embedding: EmbeddingConnection | undefined;
  now: () => Date;
}): Promise<GenerationRecord> {
  const { database, embedding, now } = options;
  const active = await database
    .selectFrom('indexGenerations')
    .selectAll()
    .where('status', '=', 'active')
    .executeTakeFirst();
  if (active) return active;
  const setup = (await findWantedSetup(database, embedding)) ?? (await findWantedSetup(database, undefined));
  if (!setup) throw new Error('A setup without embeddings is always known.');
  const time = now().toISOString();
  return database
    .insertInto('indexGenerations')
    .values({ ...setup, status: 'active', createdAt: time, activatedAt: time })
    .returningAll()
    .executeTakeFirstOrThrow();
}
