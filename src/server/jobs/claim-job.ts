import type { Kysely } from 'kysely';

import type { Tables } from '../database/tables.ts';
import type { JobRecord } from './job-queue.ts';

/** The longest wait before another attempt. */
export const RETRY_LIMIT_MS = 60_000;

/**
 * Takes the oldest due job with a lease and a higher fence, or one job if it is due. A time that lies further ahead
 * than any that is written was written before the clock went back, and holds nothing up.
 * @param options.exceptIds jobs that are not to be taken whatever their lease says
 */
export async function claimJob(options: {
  database: Kysely<Tables>;
  kinds: readonly string[];
  instanceId: string;
  now: () => Date;
  leaseMs: number;
  exceptIds: readonly number[];
  jobId?: number | undefined;
}): Promise<JobRecord | undefined> {
  const { database, kinds, instanceId, now, leaseMs, exceptIds, jobId } = options;
  const later = (milliseconds: number) => new Date(now().getTime() + milliseconds).toISOString();
  const time = later(0);
  return database
    .updateTable('jobs')
    .set((eb) => ({
      status: 'running',
      leaseOwner: instanceId,
      leaseUntil: later(leaseMs),
      fence: eb('fence', '+', 1),
      attempts: eb('attempts', '+', 1),
      updatedAt: time,
    }))
    .where('id', '=', (eb) =>
      eb
        .selectFrom('jobs')
        .select('id')
        .where('kind', 'in', [...kinds])
        .$if(exceptIds.length > 0, (query) => query.where('id', 'not in', [...exceptIds]))
        .where((or) =>
          or.or([
            or('status', '=', 'queued'),
            or.and([
              or('status', '=', 'retrying'),
              or.or([or('runAfter', '<=', time), or('runAfter', '>', later(2 * RETRY_LIMIT_MS))]),
            ]),
            or.and([
              or('status', '=', 'running'),
              or.or([or('leaseUntil', '<', time), or('leaseUntil', '>', later(2 * leaseMs))]),
            ]),
          ]),
        )
        .$if(jobId !== undefined, (query) => query.where('id', '=', jobId ?? 0))
        .orderBy('id')
        .limit(1),
    )
    .returningAll()
    .executeTakeFirst();
}
