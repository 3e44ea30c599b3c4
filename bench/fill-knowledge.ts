import { createHash } from 'node:crypto';
import { join } from 'node:path';

import type { Kysely, Transaction } from 'kysely';

import { openDatabase, reserveIds } from '../src/server/database/open-database.ts';
import type { Tables } from '../src/server/database/tables.ts';
import {
  replacePassages,
  type SplitDocument,
  toIndexablePassages,
} from '../src/server/features/knowledge/generations/write-passages.ts';
import { createEmbeddedPassageIndex } from '../src/server/retrieval/embedded-passage-index.ts';
import type { IndexablePassage } from '../src/server/retrieval/passage-index.ts';

const PASSAGES_AT_ONCE = 2_000;
const SEPARATOR = '\n\n';

type Source = { title: string; namespace: string; text: string; drafts: SplitDocument['drafts'] };

/**
 * Puts passages into a prepared data folder as ingested documents are, without files and jobs: rows, and segments
 * built and committed by the product's index, many documents at a time. No server may run on the folder.
 */
export async function fillKnowledge(folder: string, passages: readonly IndexablePassage[]): Promise<void> {
  const { database, close } = await openDatabase({
    path: join(folder, 'app.db'),
    isServer: true,
    now: () => new Date(),
  });
  try {
    const generation = await database
      .selectFrom('indexGenerations')
      .select('id')
      .where('status', '=', 'active')
      .executeTakeFirstOrThrow();
    const index = createEmbeddedPassageIndex({ database, generationId: generation.id });
    await index.open();
    for (const batch of toBatches(await toSources(database, passages))) {
      const count = batch.reduce((sum, source) => sum + source.drafts.length, 0);
      let firstId = await reserveIds(database, { name: 'passages', count });
      await database.transaction().execute(async (transaction) => {
        const documents: SplitDocument[] = [];
        for (const source of batch) {
          const document = await insertDocument(transaction, { source, firstId });
          await replacePassages(transaction, document, { generationId: generation.id, revision: 1 });
          documents.push(document);
          firstId += source.drafts.length;
        }
        const staged = await index.stage(documents.flatMap(toIndexablePassages));
        await index.commit(transaction, { staged, removedPassageIds: [] });
      });
    }
    await index.publish();
    await index.close();
  } finally {
    await close();
  }
}

/** The passages of each document put together again, spread over the namespaces that the folder has. */
async function toSources(database: Kysely<Tables>, passages: readonly IndexablePassage[]): Promise<Source[]> {
  const namespaces = (await database.selectFrom('namespaces').select('name').execute()).map(
    ({ name }) => name,
  );
  const byDocument = Map.groupBy(passages, (passage) => passage.documentId);
  return [...byDocument.values()].map((own, position) => {
    let length = 0;
    const drafts = own.map(({ text }) => {
      const start = length;
      length += text.length + SEPARATOR.length;
      return { text, locator: { start, end: start + text.length } };
    });
    return {
      title: own[0]?.title ?? '',
      namespace: namespaces[position % namespaces.length] ?? '',
      text: own.map(({ text }) => text).join(SEPARATOR),
      drafts,
    };
  });
}

function* toBatches(sources: readonly Source[]): Generator<Source[]> {
  let batch: Source[] = [];
  let count = 0;
  for (const source of sources) {
    batch.push(source);
    count += source.drafts.length;
    if (count < PASSAGES_AT_ONCE) continue;
    yield batch;
    batch = [];
    count = 0;
  }
  if (batch.length > 0) yield batch;
}

async function insertDocument(
  transaction: Transaction<Tables>,
  options: { source: Source; firstId: number },
): Promise<SplitDocument> {
  const { source, firstId } = options;
  const { title, namespace, text, drafts } = source;
  const createdAt = new Date().toISOString();
  const { id: documentId } = await transaction
    .insertInto('documents')
    .values({
      namespace,
      title,
      fileName: title,
      tags: '[]',
      metadata: '{}',
      status: 'indexed',
      isSample: 0,
      indexRevision: 1,
      retrievalCount: 0,
      relevanceSum: 0,
      createdAt,
      updatedAt: createdAt,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const checksum = createHash('sha256').update(`${documentId} ${text}`).digest('hex');
  await transaction
    .insertInto('blobs')
    .values({ hash: checksum, sizeBytes: text.length, mediaType: 'text/plain', createdAt })
    .execute();
  const { id: versionId } = await transaction
    .insertInto('documentVersions')
    .values({
      documentId,
      version: 1,
      checksum,
      blobHash: checksum,
      format: 'text',
      text,
      blocks: JSON.stringify([{ start: 0, end: text.length, kind: 'prose' }]),
      passageCount: drafts.length,
      warnings: '[]',
      createdAt,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await transaction
    .updateTable('documents')
    .set({ currentVersionId: versionId })
    .where('id', '=', documentId)
    .execute();
  return { documentId, versionId, namespace, title, drafts, vectors: undefined, firstId };
}
