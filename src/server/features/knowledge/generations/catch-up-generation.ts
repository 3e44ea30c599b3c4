import { setImmediate as nextTick } from 'node:timers/promises';

import type { Kysely } from 'kysely';

import { reserveIds } from '../../../database/open-database.ts';
import type { Tables } from '../../../database/tables.ts';
import type { DocumentFormat, TextBlock } from '../../../ingestion/parsed-document.ts';
import { PermanentJobFailure } from '../../../jobs/job-queue.ts';
import type { EmbeddingModel } from '../../../models/embedding-model.ts';
import type { PassageIndex } from '../../../retrieval/passage-index.ts';
import type { PassageDraft } from '../../../retrieval/passage.ts';
import { splitPassages } from '../../../retrieval/split-passages.ts';
import type { GenerationStore, StoredDocument } from './generation-store.ts';
import { embedTexts, replacePassages, type SplitDocument, toIndexablePassages } from './write-passages.ts';

/** Small documents share a step, so that calls to the embedding model are full and segments not tiny. */
const DOCUMENTS_PER_STEP = 16;
const PASSAGES_PER_STEP = 64;

export type CatchUpOptions = {
  database: Kysely<Tables>;
  store: GenerationStore;
  generationId: number;
  index: PassageIndex;
  /** Makes the vectors; undefined for a generation without. */
  embeddingModel: EmbeddingModel | undefined;
  signal: AbortSignal;
  onProgress: (progress: number) => void;
};

type Prepared = { source: StoredDocument; drafts: PassageDraft[] };

/**
 * Brings a generation up to date with the searchable versions of all documents, from their stored texts and blocks.
 * What it lacks is asked of the database before each step, and each step is one transaction: a crash costs at most the
 * step under way, and documents that were added, changed or removed meanwhile are found without being told of.
 * @throws the reason of the signal, what the embedding model throws, or PermanentJobFailure when it was discarded
 */
export async function catchUpGeneration(options: CatchUpOptions): Promise<void> {
  const { store, generationId, signal, onProgress } = options;
  for (;;) {
    signal.throwIfAborted();
    const { pending, searchable } = await store.count(generationId);
    if (pending === 0) return;
    onProgress(Math.max(0, 1 - pending / Math.max(1, searchable)));
    const step = await prepareStep(options);
    const vectors = await embedStep(options, step);
    await nextTick();
    await commitStep(options, step, vectors);
    await options.index.publish();
  }
}

async function prepareStep({ store, generationId }: CatchUpOptions): Promise<Prepared[]> {
  const prepared: Prepared[] = [];
  let passages = 0;
  for (const { documentId } of await store.listPending(generationId, DOCUMENTS_PER_STEP)) {
    // Neither SQLite nor the splitter ever waits; without a pause requests would wait for the whole step.
    await nextTick();
    const source = await store.readDocument(documentId);
    if (!source) continue;
    const drafts = splitStored(source);
    prepared.push({ source, drafts });
    passages += drafts.length;
    if (passages >= PASSAGES_PER_STEP) break;
  }
  return prepared;
}

function splitStored(source: StoredDocument): PassageDraft[] {
  return splitPassages({
    format: (source.format ?? 'text') as DocumentFormat,
    text: source.text ?? '',
    blocks: JSON.parse(source.blocks ?? '[]') as TextBlock[],
    warnings: [],
    ...(source.pageCount === null ? {} : { pageCount: source.pageCount }),
  });
}

/** The vectors of every text of a step; those that the same model made before are not asked and paid for again. */
async function embedStep(
  options: CatchUpOptions,
  step: readonly Prepared[],
): Promise<Map<PassageDraft, Float32Array> | undefined> {
  const { store, embeddingModel: model, signal } = options;
  if (!model) return undefined;
  const vectors = new Map<PassageDraft, Float32Array>();
  const missing: PassageDraft[] = [];
  for (const { source, drafts } of step) {
    const known = await store.findVectors(source.documentId, model);
    for (const draft of drafts) {
      const vector = known.get(draft.text);
      if (vector) vectors.set(draft, vector);
      else missing.push(draft);
    }
  }
  const made = await embedTexts({ model, texts: missing.map((draft) => draft.text), signal });
  for (const [position, draft] of missing.entries()) {
    const vector = made[position];
    if (!vector) throw new Error(`${model.id} gave ${made.length} vectors for ${missing.length} texts.`);
    vectors.set(draft, vector);
  }
  return vectors;
}

async function commitStep(
  options: CatchUpOptions,
  step: readonly Prepared[],
  vectors: Map<PassageDraft, Float32Array> | undefined,
): Promise<void> {
  const { database, store, generationId, index, signal } = options;
  const count = step.reduce((sum, { drafts }) => sum + drafts.length, 0);
  let nextId = count === 0 ? 0 : await reserveIds(database, { name: 'passages', count });
  const documents = step.map(({ source, drafts }): SplitDocument => {
    const firstId = nextId;
    nextId += drafts.length;
    return {
      ...source,
      drafts,
      vectors: vectors ? drafts.flatMap((draft) => vectors.get(draft) ?? []) : undefined,
      firstId,
    };
  });
  const staged = await index.stage(documents.flatMap(toIndexablePassages));
  signal.throwIfAborted();
  await database.transaction().execute(async (transaction) => {
    await assertKept(transaction, generationId);
    const removedPassageIds: number[] = [];
    for (const [position, { source }] of step.entries()) {
      const document = documents[position];
      if (!document) continue;
      if (await store.isUnchanged(transaction, source)) {
        const options = { generationId, revision: source.revision };
        removedPassageIds.push(...(await replacePassages(transaction, document, options)));
      } else {
        // It changed while it was being prepared: staged for nothing, and still among the pending ones.
        removedPassageIds.push(...document.drafts.map((_, at) => document.firstId + at));
      }
    }
    await index.commit(transaction, { staged, removedPassageIds });
  });
}

async function assertKept(transaction: Kysely<Tables>, generationId: number): Promise<void> {
  const row = await transaction
    .selectFrom('indexGenerations')
    .select('status')
    .where('id', '=', generationId)
    .executeTakeFirst();
  if (!row || row.status === 'discarded') throw generationGone(generationId);
}

/** The failure of a job whose generation was discarded. */
export function generationGone(generationId: number): PermanentJobFailure {
  return new PermanentJobFailure(
    'not_found',
    `Index generation ${generationId} was discarded. Start a new one with POST /api/v1/index/generations.`,
  );
}
