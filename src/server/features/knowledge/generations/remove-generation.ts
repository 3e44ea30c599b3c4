import type { Kysely } from 'kysely';

import type { Tables } from '../../../database/tables.ts';
import type { JobHandler } from '../../../jobs/job-queue.ts';

/** Rows that go in one statement, so that nobody waits long for the database. */
const ROWS_PER_STEP = 500;

/** The job that removes what a discarded generation held, and last the generation; any other one is left alone. */
export function createRemoveGenerationHandler(dependencies: { database: Kysely<Tables> }): JobHandler {
  const { database } = dependencies;

  async function removeSome(generationId: number): Promise<boolean> {
    const passages = await database
      .deleteFrom('passages')
      .where('id', 'in', (eb) =>
        eb.selectFrom('passages').select('id').where('generationId', '=', generationId).limit(ROWS_PER_STEP),
      )
      .executeTakeFirst();
    if (passages.numDeletedRows > 0n) return true;
    // Segments are large; one at a time.
    const segment = await database
      .deleteFrom('indexSegments')
      .where('id', 'in', (eb) =>
        eb.selectFrom('indexSegments').select('id').where('generationId', '=', generationId).limit(1),
      )
      .executeTakeFirst();
    return segment.numDeletedRows > 0n;
  }

  return {
    async run(job, { signal }) {
      const { generationId } = JSON.parse(job.payload) as { generationId: number };
      const generation = await database
        .selectFrom('indexGenerations')
        .select('status')
        .where('id', '=', generationId)
        .executeTakeFirst();
      if (generation?.status !== 'discarded') return;
      do signal.throwIfAborted();
      while (await removeSome(generationId));
      await database.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('indexTombstones').where('generationId', '=', generationId).execute();
        await transaction
          .deleteFrom('generationDocuments')
          .where('generationId', '=', generationId)
          .execute();
        await transaction.deleteFrom('indexGenerations').where('id', '=', generationId).execute();
      });
    },
  };
}
