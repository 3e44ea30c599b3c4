import type { Kysely } from 'kysely';

import { crashPoint } from '../../crash-points.ts';
import type { Tables } from '../../database/tables.ts';
import { AppError } from '../../errors.ts';
import { assertUploadSize } from '../../ingestion/assert-upload-size.ts';
import { type BlobStore, hashOf } from '../../ingestion/blob-store.ts';
import { DocumentProblem } from '../../ingestion/parsed-document.ts';
import { sniffFormat } from '../../ingestion/sniff-format.ts';
import type { JobQueue } from '../../jobs/job-queue.ts';
import type { DocumentRecord, DocumentStore } from './document-store.ts';

export type NewDocument = {
  namespace: string;
  fileName: string;
  bytes: Uint8Array;
  title: string;
  sourceUrl?: string | null;
  youtubeUrl?: string | null;
  author?: string | null;
  publishedDate?: string | null;
  tags?: readonly string[];
  metadata?: Record<string, unknown>;
  uploadedBy: number | null;
  isSample?: boolean;
};

export type AddedDocument = { documentId: number; jobId: number | null; isDuplicate: boolean };

export const INGEST_JOB = 'ingest';

/** Checks what can be seen without parsing: size, emptiness, and that the content is what the name says. */
export function checkUpload(bytes: Uint8Array, fileName: string): void {
  try {
    assertUploadSize(bytes.byteLength);
    if (bytes.byteLength === 0) {
      throw new DocumentProblem(
        'document_empty',
        `"${fileName}" is empty (0 bytes). Choose a file with content.`,
      );
    }
    sniffFormat({ bytes, fileName });
  } catch (error) {
    if (error instanceof DocumentProblem) throw new AppError(error.code, error.message, { cause: error });
    throw error;
  }
}

/**
 * Takes documents in: the original is stored durably, then one transaction holds the document, its version and the
 * job that will make it searchable. Identical content in a namespace is found by its checksum and not stored twice.
 */
export function createAddDocument(dependencies: {
  database: Kysely<Tables>;
  documents: DocumentStore;
  blobs: BlobStore;
  jobs: JobQueue;
  now: () => Date;
}) {
  const { database, documents, blobs, jobs, now } = dependencies;

  async function existing(found: DocumentRecord, uploadedBy: number | null): Promise<AddedDocument> {
    if (found.status !== 'failed') return { documentId: found.id, jobId: found.jobId, isDuplicate: true };
    // The same file after a failure is a request to try again, not a second document.
    const jobId = await database.transaction().execute(async (transaction) => {
      const version = await transaction
        .selectFrom('documentVersions')
        .where('documentId', '=', found.id)
        .select((eb) => eb.fn.max('id').as('id'))
        .executeTakeFirstOrThrow();
      await documents.update(transaction, found.id, { status: 'pending', error: null, errorCode: null });
      return jobs.enqueue(transaction, {
        kind: INGEST_JOB,
        documentId: found.id,
        createdBy: uploadedBy,
        payload: { versionId: version.id },
      });
    });
    jobs.wake();
    return { documentId: found.id, jobId, isDuplicate: true };
  }

  async function insertDocument(
    document: NewDocument,
    checksum: string,
  ): Promise<AddedDocument | { found: DocumentRecord }> {
    const time = now().toISOString();
    return database.transaction().execute(async (transaction) => {
      // Two uploads of the same file at once: the second one finds the first here.
      const found = await documents.findByChecksum(transaction, { namespace: document.namespace, checksum });
      if (found) return { found };
      const { id } = await transaction
        .insertInto('documents')
        .values({
          namespace: document.namespace,
          title: document.title,
          fileName: document.fileName,
          sourceUrl: document.sourceUrl ?? null,
          youtubeUrl: document.youtubeUrl ?? null,
          author: document.author ?? null,
          publishedDate: document.publishedDate ?? null,
          tags: JSON.stringify(document.tags ?? []),
          metadata: JSON.stringify(document.metadata ?? {}),
          status: 'pending',
          uploadedBy: document.uploadedBy,
          isSample: document.isSample ? 1 : 0,
          retrievalCount: 0,
          relevanceSum: 0,
          createdAt: time,
          updatedAt: time,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      const versionId = await insertVersion(transaction, {
        documentId: id,
        version: 1,
        checksum,
        bytes: document.bytes,
      });
      const jobId = await jobs.enqueue(transaction, {
        kind: INGEST_JOB,
        documentId: id,
        createdBy: document.uploadedBy,
        payload: { versionId },
      });
      crashPoint('upload-written');
      return { documentId: id, jobId, isDuplicate: false };
    });
  }

  async function insertVersion(
    transaction: Kysely<Tables>,
    version: { documentId: number; version: number; checksum: string; bytes: Uint8Array },
  ): Promise<number> {
    const time = now().toISOString();
    await transaction
      .insertInto('blobs')
      .values({
        hash: version.checksum,
        sizeBytes: version.bytes.byteLength,
        mediaType: 'application/octet-stream',
        createdAt: time,
      })
      .onConflict((conflict) => conflict.column('hash').doNothing())
      .execute();
    const { id } = await transaction
      .insertInto('documentVersions')
      .values({
        documentId: version.documentId,
        version: version.version,
        checksum: version.checksum,
        blobHash: version.checksum,
        passageCount: 0,
        warnings: '[]',
        createdAt: time,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    // The purge of a removed document with the same content may have unlinked the file since it was stored. It runs in
    // a transaction too, so that from here on it sees this version.
    if ((await blobs.size(version.checksum)) === undefined) await blobs.put(version.bytes);
    return id;
  }

  return {
    /** @throws AppError when the file is empty, too large or not what it says; nothing is stored then */
    async add(document: NewDocument): Promise<AddedDocument> {
      checkUpload(document.bytes, document.fileName);
      const content = { namespace: document.namespace, checksum: hashOf(document.bytes) };
      const known = await documents.findByChecksum(database, content);
      if (known) return existing(known, document.uploadedBy);
      await blobs.put(document.bytes);
      crashPoint('upload-stored');
      const added = await insertDocument(document, content.checksum);
      crashPoint('upload-committed');
      if ('found' in added) return existing(added.found, document.uploadedBy);
      jobs.wake();
      return added;
    },
    /**
     * Gives a document new content: a version that replaces the searchable one when it is ready.
     * @returns undefined when the content is the same
     */
    async addVersion(
      record: DocumentRecord,
      content: { bytes: Uint8Array; fileName: string; changedBy: number | null },
    ): Promise<number | undefined> {
      checkUpload(content.bytes, content.fileName);
      const checksum = hashOf(content.bytes);
      if (record.shown?.blobHash === checksum && record.status === 'indexed') return undefined;
      await blobs.put(content.bytes);
      const jobId = await database.transaction().execute(async (transaction) => {
        const newest = await transaction
          .selectFrom('documentVersions')
          .where('documentId', '=', record.id)
          .select((eb) => eb.fn.max('version').as('version'))
          .executeTakeFirst();
        const versionId = await insertVersion(transaction, {
          documentId: record.id,
          version: Number(newest?.version ?? 0) + 1,
          checksum,
          bytes: content.bytes,
        });
        await documents.update(transaction, record.id, {
          fileName: content.fileName,
          error: null,
          errorCode: null,
          ...(record.currentVersionId === null ? { status: 'pending' as const } : {}),
        });
        return jobs.enqueue(transaction, {
          kind: INGEST_JOB,
          documentId: record.id,
          createdBy: content.changedBy,
          payload: { versionId },
        });
      });
      jobs.wake();
      return jobId;
    },
    /** Lets a document that was held back be searched: its newest version is queued again, without the inspection. */
    async release(documentId: number, releasedBy: number | null): Promise<number> {
      await database
        .updateTable('documentVersions')
        .set({ releasedAt: now().toISOString() })
        .where('id', '=', (eb) =>
          eb
            .selectFrom('documentVersions as n')
            .where('n.documentId', '=', documentId)
            .select((n) => n.fn.max('n.id').as('id')),
        )
        .execute();
      return this.reindex(documentId, releasedBy);
    },
    /** Queues the newest version again, to be parsed, split and indexed anew. */
    async reindex(documentId: number, createdBy: number | null): Promise<number> {
      const jobId = await database.transaction().execute(async (transaction) => {
        const version = await transaction
          .selectFrom('documentVersions')
          .where('documentId', '=', documentId)
          .select((eb) => eb.fn.max('id').as('id'))
          .executeTakeFirstOrThrow();
        const id = await jobs.enqueue(transaction, {
          kind: INGEST_JOB,
          documentId,
          createdBy,
          payload: { versionId: version.id },
        });
        crashPoint('reindex-written');
        return id;
      });
      crashPoint('reindex-committed');
      jobs.wake();
      return jobId;
    },
  };
}

export type AddDocument = ReturnType<typeof createAddDocument>;
