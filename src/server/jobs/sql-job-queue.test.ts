import { onTestFinished } from 'vitest';

import { createTestClock } from '../../../test/build-app.ts';
import { describeJobQueue } from '../../../test/contracts/job-queue.ts';
import { openDatabase } from '../database/open-database.ts';
import type { JobQueue } from './job-queue.ts';
import { createSqlJobQueue } from './sql-job-queue.ts';

describeJobQueue('SQL table', async () => {
  const clock = createTestClock();
  const { database, close } = await openDatabase({ path: ':memory:', isServer: false, now: clock.now });
  const queues: JobQueue[] = [];
  const errors: unknown[] = [];
  onTestFinished(async () => {
    await Promise.all(queues.map((queue) => queue.stop()));
    await close();
  });
  return {
    database,
    clock,
    errors,
    openQueue({ instanceId, handlers, concurrency, renewMs }) {
      const queue = createSqlJobQueue({
        database,
        instanceId,
        handlers,
        now: clock.now,
        random: () => 0.5,
        onError: (error) => errors.push(error),
        pollMs: 1_000_000,
        ...(concurrency === undefined ? {} : { concurrency }),
        ...(renewMs === undefined ? {} : { renewMs }),
      });
      queues.push(queue);
      return queue;
    },
  };
});
