import type { Kysely } from 'kysely';

import { crashPoint } from '../../crash-points.ts';
import type { Tables } from '../../database/tables.ts';
import type { BlobStore } from '../../ingestion/blob-store.ts';
import type { JobHandler, JobQueue } from '../../jobs/job-queue.ts';
import { buryPassages } from './generations/write-passages.ts';
import type { ActiveGeneration } from './index-generation.ts';

export const PURGE_BLOBS_JOB = 'purge-blobs';

/** What a removal takes away; the answer of a dry run. */
export type RemovalCount = { documents: number; passages: number; versions: number };

/**
 * Removes documents: hidden at once, passages and vectors gone in the same transaction; the originals are unlinked by
 * a job after the commit, unless another document still uses them. The row stays, so that old citations can say that
 * their source was removed.
 */
export function createRemoveDocuments(dependencies: {
  database: Kysely<Tables>;
  jobs: JobQueue;
  generation: () => ActiveGeneration;
  now: () => Date;
}) {
  const { database, jobs, generation, now } = dependencies;
  const live = (source: Kysely<Tables>, ids: readonly number[]) =>
    source
      .selectFrom('documents')
      .select('id')
      .where('id', 'in', [...ids])
      .where('deletedAt', 'is', null);

  async function count(ids: readonly number[]): Promise<RemovalCount> {
    if (ids.length === 0) return { documents: 0, passages: 0, versions: 0 };
    const rows = await live(database, ids).execute();
    const passages = await database
      .selectFrom('passages')
      .where('documentId', 'in', live(database, ids))
      .where('generationId', '=', generation().id)
      .select((eb) => eb.fn.countAll().as('count'))
      .executeTakeFirstOrThrow();
    const versions = await database
      .selectFrom('documentVersions')
      .where('documentId', 'in', live(database, ids))
      .select((eb) => eb.fn.countAll().as('count'))
      .executeTakeFirstOrThrow();
    return {
      documents: rows.length,
      passages: Number(passages.count),
      versions: Number(versions.count),
    };
  }

  async function remove(ids: readonly number[]): Promise<RemovalCount> {
    const counted = await count(ids);
    if (counted.documents === 0) return counted;
    const time = now().toISOString();
    const { id: generationId, index } = generation();
    await database.transaction().execute(async (transaction) => {
      const versions = await transaction
        .selectFrom('documentVersions')
        .select(['id', 'blobHash'])
        .where('documentId', 'in', live(transaction, ids))
        .execute();
      const passages = await transaction
        .deleteFrom('passages')
        .where('documentId', 'in', [...ids])
        .returning(['id', 'generationId'])
        .execute();
      await transaction
        .updateTable('documents')
        .set({ deletedAt: time, updatedAt: time, currentVersionId: null })
        .where('id', 'in', [...ids])
        .where('deletedAt', 'is', null)
        .execute();
      await transaction
        .updateTable('documentVersions')
        .set({ text: null, blocks: null })
        .where(
          'id',
          'in',
          versions.map((version) => version.id),
        )
        .execute();
      await transaction
        .updateTable('jobs')
        .set({ cancelRequestedAt: time })
        .where('documentId', 'in', [...ids])
        .where('endedAt', 'is', null)
        .execute();
      await transaction
        .deleteFrom('generationDocuments')
        .where('documentId', 'in', [...ids])
        .execute();
      const removedPassageIds = passages
        .filter((row) => row.generationId === generationId)
        .map((row) => Number(row.id));
      await index.commit(transaction, { removedPassageIds });
      // Generations that are being built or kept for a way back must not bring the document back to life.
      await buryPassages(
        transaction,
        passages.filter((row) => row.generationId !== generationId),
      );
      await jobs.enqueue(transaction, {
        kind: PURGE_BLOBS_JOB,
        payload: { hashes: [...new Set(versions.map((version) => version.blobHash))] },
      });
      crashPoint('removal-written');
    });
    crashPoint('removal-committed');
    await generation().index.publish();
    crashPoint('removal-published');
    jobs.wake();
    return counted;
  }

  return { count, remove };
}

export type RemoveDocuments = ReturnType<typeof createRemoveDocuments>;

/** Unlinks originals that no living document refers to. */
export function createPurgeBlobsHandler(dependencies: {
  database: Kysely<Tables>;
  blobs: BlobStore;
}): JobHandler {
  const { database, blobs } = dependencies;
  return {
    async run(job) {
      const { hashes } = JSON.parse(job.payload) as { hashes: string[] };
      for (const hash of hashes) {
        // In a transaction, so that an upload of the same content comes before or after, never in between.
        await database.transaction().execute(async (transaction) => {
          const used = await transaction
            .selectFrom('documentVersions as v')
            .innerJoin('documents as d', 'd.id', 'v.documentId')
            .where('v.blobHash', '=', hash)
            .where('d.deletedAt', 'is', null)
            .select('v.id')
            .executeTakeFirst();
          if (!used) await blobs.remove(hash);
        });
        crashPoint('purge-unlinked');
      }
    },
  };
}
