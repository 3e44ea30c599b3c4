import type { Kysely } from 'kysely';

import { crashPoint } from '../../crash-points.ts';
import { reserveIds } from '../../database/open-database.ts';
import type { Tables } from '../../database/tables.ts';
import type { BlobStore } from '../../ingestion/blob-store.ts';
import { DocumentProblem, type ParsedDocument, type TextBlock } from '../../ingestion/parsed-document.ts';
import {
  type JobContext,
  type JobHandler,
  type JobRecord,
  PermanentJobFailure,
} from '../../jobs/job-queue.ts';
import type { PassageDraft } from '../../retrieval/passage.ts';
import { splitPassages } from '../../retrieval/split-passages.ts';
import {
  embedTexts,
  raiseRevision,
  replacePassages,
  type SplitDocument,
  toIndexablePassages,
} from './generations/write-passages.ts';
import { inspectDocument } from './inspect-document.ts';
import type { ActiveGeneration } from './index-generation.ts';

export type ParseFile = (file: {
  bytes: Uint8Array;
  fileName: string;
  onProgress?: (progress: { pagesDone: number; pageCount: number }) => void;
  signal?: AbortSignal;
}) => Promise<ParsedDocument>;

export type IngestDependencies = {
  database: Kysely<Tables>;
  blobs: BlobStore;
  parse: ParseFile;
  generation: () => ActiveGeneration;
  now: () => Date;
};

type Target = {
  documentId: number;
  versionId: number;
  namespace: string;
  title: string;
  fileName: string;
  blobHash: string;
  releasedAt: string | null;
};

/** Shares of the progress bar: reading and parsing, embedding, and the final switch. */
const PARSED_AT = 0.7;
const EMBEDDED_AT = 0.95;

/**
 * The job that makes a document version searchable: parse, split, embed, build the segment, and then switch in one
 * transaction. Until that commit the old version answers; after it only the new one does.
 */
export function createIngestHandler(dependencies: IngestDependencies): JobHandler {
  const { database, blobs, parse, generation, now } = dependencies;

  async function run(job: JobRecord, context: JobContext): Promise<void> {
    const target = await findTarget(database, job);
    if (!target) return;
    await markProcessing(target);
    const bytes = await blobs.read(target.blobHash);
    if (!bytes)
      throw new PermanentJobFailure(
        'document_unreadable',
        `The original of "${target.fileName}" is missing from the blob store. Upload it again.`,
      );
    const parsed = await parseOrExplain(target, bytes, context);
    crashPoint('ingest-parsed');
    const drafts = splitPassages(parsed);
    if (drafts.length === 0)
      throw new PermanentJobFailure(
        'document_without_text',
        `"${target.fileName}" holds no text to search. Choose a file with text.`,
      );
    const { suspicion, warnings } = await inspectDocument(parsed, drafts);
    if (suspicion !== undefined && target.releasedAt === null)
      throw new PermanentJobFailure('document_quarantined', suspicion);
    parsed.warnings.push(...warnings);
    // A switch of the index in between makes this work that of another generation; then it goes into the new one.
    while (!(await indexInto(generation(), { target, parsed, drafts, context })));
    crashPoint('ingest-committed');
    await generation().index.publish();
    crashPoint('ingest-published');
  }

  async function markProcessing(target: Target): Promise<void> {
    await database
      .updateTable('documents')
      .set({ status: 'processing', updatedAt: now().toISOString() })
      .where('id', '=', target.documentId)
      .where('currentVersionId', 'is', null)
      .execute();
  }

  async function parseOrExplain(
    target: Target,
    bytes: Uint8Array,
    context: JobContext,
  ): Promise<ParsedDocument> {
    try {
      return await parse({
        bytes,
        fileName: target.fileName,
        signal: context.signal,
        onProgress: ({ pagesDone, pageCount }) =>
          context.reportProgress((pagesDone / Math.max(1, pageCount)) * PARSED_AT),
      });
    } catch (error) {
      if (error instanceof DocumentProblem)
        throw new PermanentJobFailure(error.code, error.message, { cause: error });
      throw error;
    }
  }

  async function embedPassages(
    active: ActiveGeneration,
    drafts: readonly PassageDraft[],
    context: JobContext,
  ): Promise<Float32Array[] | undefined> {
    if (!active.embeddingModel) return undefined;
    return embedTexts({
      model: active.embeddingModel,
      texts: drafts.map((draft) => draft.text),
      signal: context.signal,
      onProgress: (done) =>
        context.reportProgress(PARSED_AT + (EMBEDDED_AT - PARSED_AT) * (done / drafts.length)),
    });
  }

  /** Writes the passages into a generation and switches to them. @returns false when it is no longer the active one */
  async function indexInto(
    active: ActiveGeneration,
    work: {
      target: Target;
      parsed: ParsedDocument;
      drafts: readonly PassageDraft[];
      context: JobContext;
    },
  ): Promise<boolean> {
    const { target, parsed, drafts, context } = work;
    const vectors = await embedPassages(active, drafts, context);
    crashPoint('ingest-embedded');
    const firstId = await reserveIds(database, { name: 'passages', count: drafts.length });
    const document: SplitDocument = { ...target, drafts, vectors, firstId };
    const staged = await active.index.stage(toIndexablePassages(document));
    crashPoint('ingest-staged');
    context.signal.throwIfAborted();
    return database.transaction().execute(async (transaction) => {
      if (!(await isActive(transaction, active.id))) return false;
      const live = await transaction
        .selectFrom('documents')
        .select('currentVersionId')
        .where('id', '=', target.documentId)
        .where('deletedAt', 'is', null)
        .executeTakeFirst();
      // Two versions are worked on at once, and the newer one may be ready first; it stays.
      if (!live || (live.currentVersionId ?? 0) > target.versionId) {
        await context.complete(transaction);
        return true;
      }
      const revision = await raiseRevision(transaction, target.documentId);
      const isWhole = !active.needsVectors || vectors !== undefined;
      const removedPassageIds = await replacePassages(transaction, document, {
        generationId: active.id,
        revision: isWhole ? revision : 0,
      });
      await updateVersion(transaction, { target, parsed, passageCount: drafts.length });
      await active.index.commit(transaction, { staged, removedPassageIds });
      await context.complete(transaction, { passages: drafts.length });
      crashPoint('ingest-written');
      return true;
    });
  }

  async function updateVersion(
    transaction: Kysely<Tables>,
    values: { target: Target; parsed: ParsedDocument; passageCount: number },
  ): Promise<void> {
    const { target, parsed, passageCount } = values;
    await transaction
      .updateTable('documentVersions')
      .set({
        text: parsed.text,
        blocks: JSON.stringify(parsed.blocks satisfies TextBlock[]),
        format: parsed.format,
        pageCount: parsed.pageCount ?? null,
        passageCount,
        warnings: JSON.stringify(parsed.warnings),
      })
      .where('id', '=', target.versionId)
      .execute();
    await transaction
      .updateTable('documents')
      .set({
        status: 'indexed',
        currentVersionId: target.versionId,
        error: null,
        errorCode: null,
        updatedAt: now().toISOString(),
      })
      .where('id', '=', target.documentId)
      .execute();
  }

  return {
    run,
    async onEnded(transaction, job, { failure }) {
      if (job.documentId === null) return;
      // A document that is searchable in an older version stays so; the failure of the new one is told beside it.
      await transaction
        .updateTable('documents')
        .set((eb) => ({
          status: eb
            .case()
            .when('currentVersionId', 'is', null)
            .then(failure.code === 'document_quarantined' ? ('quarantined' as const) : ('failed' as const))
            .else('indexed' as const)
            .end(),
          errorCode: failure.code,
          error: failure.message,
          updatedAt: now().toISOString(),
        }))
        .where('id', '=', job.documentId)
        .execute();
    },
  };
}

async function findTarget(database: Kysely<Tables>, job: JobRecord): Promise<Target | undefined> {
  const { versionId } = JSON.parse(job.payload) as { versionId: number };
  return database
    .selectFrom('documentVersions as v')
    .innerJoin('documents as d', 'd.id', 'v.documentId')
    .where('v.id', '=', versionId)
    .where('d.deletedAt', 'is', null)
    .select([
      'd.id as documentId',
      'v.id as versionId',
      'd.namespace',
      'd.title',
      'v.blobHash',
      'v.releasedAt',
    ])
    .select((eb) => eb.fn.coalesce('d.fileName', eb.val('document.md')).as('fileName'))
    .executeTakeFirst();
}

async function isActive(database: Kysely<Tables>, generationId: number): Promise<boolean> {
  const row = await database
    .selectFrom('indexGenerations')
    .select('status')
    .where('id', '=', generationId)
    .executeTakeFirst();
  return row?.status === 'active';
}
