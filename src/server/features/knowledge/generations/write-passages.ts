import type { Kysely, Transaction } from 'kysely';

import type { Tables } from '../../../database/tables.ts';
import type { EmbeddingModel } from '../../../models/embedding-model.ts';
import type { IndexablePassage } from '../../../retrieval/passage-index.ts';
import type { PassageDraft } from '../../../retrieval/passage.ts';

/** A split document on its way into a generation; ids of its passages are `firstId` and the ones after it. */
export type SplitDocument = {
  documentId: number;
  versionId: number;
  namespace: string;
  title: string;
  drafts: readonly PassageDraft[];
  /** One for each draft, or none at all. */
  vectors: readonly Float32Array[] | undefined;
  firstId: number;
};

const ROWS_PER_INSERT = 100;
const EMBEDDING_BATCH = 64;

/** The passages of a split document as the index takes them. */
export function toIndexablePassages(document: SplitDocument): IndexablePassage[] {
  const { documentId, namespace, title, drafts, vectors, firstId } = document;
  return drafts.map((draft, position) => {
    const vector = vectors?.[position];
    return {
      id: firstId + position,
      documentId,
      namespace,
      title,
      headingPath: draft.locator.heading_path ?? [],
      text: draft.text,
      ...(vector ? { vector } : {}),
    };
  });
}

/**
 * Puts the passages of a document in the place of those that the generation held of it, and notes the revision.
 * @param options.revision the document's `indexRevision`, or 0 when vectors are still missing
 * @returns ids of the passages that went
 */
export async function replacePassages(
  transaction: Transaction<Tables>,
  document: SplitDocument,
  options: { generationId: number; revision: number },
): Promise<number[]> {
  const { generationId, revision } = options;
  const { documentId, versionId, drafts, vectors, firstId } = document;
  const old = await transaction
    .deleteFrom('passages')
    .where('documentId', '=', documentId)
    .where('generationId', '=', generationId)
    .returning('id')
    .execute();
  const rows = drafts.map((draft, position) => {
    const vector = vectors?.[position];
    return {
      id: firstId + position,
      documentId,
      versionId,
      generationId,
      position,
      text: draft.text,
      locator: JSON.stringify(draft.locator),
      vector: vector ? new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength) : null,
    };
  });
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    await transaction
      .insertInto('passages')
      .values(rows.slice(start, start + ROWS_PER_INSERT))
      .execute();
  }
  const held = { revision, passageCount: drafts.length };
  await transaction
    .insertInto('generationDocuments')
    .values({ generationId, documentId, ...held })
    .onConflict((conflict) => conflict.columns(['generationId', 'documentId']).doUpdateSet(held))
    .execute();
  return old.map((row) => Number(row.id));
}

/** Marks passages as gone in the stored index of their generation, whether or not that one is open anywhere. */
export async function buryPassages(
  transaction: Transaction<Tables>,
  passages: readonly { id: number; generationId: number }[],
): Promise<void> {
  for (let start = 0; start < passages.length; start += ROWS_PER_INSERT) {
    await transaction
      .insertInto('indexTombstones')
      .values(
        passages
          .slice(start, start + ROWS_PER_INSERT)
          .map(({ id, generationId }) => ({ generationId, passageId: id })),
      )
      .execute();
  }
}

/** Raises a document's revision, so that every generation but the one written now knows that it is behind. */
export async function raiseRevision(database: Kysely<Tables>, documentId: number): Promise<number> {
  const row = await database
    .updateTable('documents')
    .set((eb) => ({ indexRevision: eb('indexRevision', '+', 1) }))
    .where('id', '=', documentId)
    .returning('indexRevision')
    .executeTakeFirstOrThrow();
  return row.indexRevision;
}

/** Embeds texts in batches, telling how many are done after each. @throws what the model throws */
export async function embedTexts(options: {
  model: EmbeddingModel;
  texts: readonly string[];
  signal: AbortSignal;
  onProgress?: (done: number) => void;
}): Promise<Float32Array[]> {
  const { model, texts, signal, onProgress } = options;
  const vectors: Float32Array[] = [];
  for (let start = 0; start < texts.length; start += EMBEDDING_BATCH) {
    vectors.push(...(await model.embed(texts.slice(start, start + EMBEDDING_BATCH), signal)));
    onProgress?.(vectors.length);
  }
  return vectors;
}
