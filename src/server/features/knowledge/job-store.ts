import type { Kysely } from 'kysely';

import type { JobStatus, Tables } from '../../database/tables.ts';
import type { JobQueue, JobRecord } from '../../jobs/job-queue.ts';

/** How long a request that started a job waits for its end before it answers "processing". */
const WAIT_MS = 2_000;

/** Jobs as the API reads them; the queue itself does the work. */
export function createJobStore(dependencies: { database: Kysely<Tables>; queue: JobQueue }) {
  const { database, queue } = dependencies;
  return {
    async find(id: number): Promise<JobRecord | undefined> {
      return database.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
    },
    async list(filter: { status?: JobStatus; limit: number; skip: number }): Promise<JobRecord[]> {
      let query = database
        .selectFrom('jobs')
        .selectAll()
        .orderBy('id', 'desc')
        .limit(filter.limit)
        .offset(filter.skip);
      if (filter.status) query = query.where('status', '=', filter.status);
      return query.execute();
    },
    waitForEnd: (id: number) => queue.waitForEnd(id, WAIT_MS),
  };
}

export type JobStore = ReturnType<typeof createJobStore>;
