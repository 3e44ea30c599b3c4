import type { Kysely } from 'kysely';

import type { Tables } from '../../database/tables.ts';
import type { EmbeddingModel } from '../../models/embedding-model.ts';
import { ANALYSER_VERSION } from '../../retrieval/analyse-text.ts';
import type { PassageIndex } from '../../retrieval/passage-index.ts';
import { SPLITTER_VERSION } from '../../retrieval/split-passages.ts';

export type ActiveGeneration = { id: number; index: PassageIndex; isCurrent: boolean };

/**
 * Opens the active generation of the index, or makes the first one. `isCurrent` is false when it was built with
 * another splitter, analyser or embedding model than the program now has; it keeps answering until it is rebuilt.
 */
export async function openActiveGeneration(options: {
  database: Kysely<Tables>;
  embeddingModel: EmbeddingModel | undefined;
  now: () => Date;
  createIndex: (generation: { id: number; dimension: number | null }) => PassageIndex;
}): Promise<ActiveGeneration> {
  const { database, embeddingModel, now, createIndex } = options;
  const wanted = {
    splitterVersion: SPLITTER_VERSION,
    analyserVersion: ANALYSER_VERSION,
    embeddingModel: embeddingModel?.id ?? null,
    dimension: embeddingModel?.dimension ?? null,
  };
  const time = now().toISOString();
  const active =
    (await database
      .selectFrom('indexGenerations')
      .selectAll()
      .where('status', '=', 'active')
      .executeTakeFirst()) ??
    (await database
      .insertInto('indexGenerations')
      .values({ ...wanted, status: 'active', createdAt: time, activatedAt: time })
      .returningAll()
      .executeTakeFirstOrThrow());
  const index = createIndex({ id: active.id, dimension: active.dimension });
  await index.open();
  const isCurrent = (Object.keys(wanted) as (keyof typeof wanted)[]).every(
    (key) => active[key] === wanted[key],
  );
  return { id: active.id, index, isCurrent };
}
