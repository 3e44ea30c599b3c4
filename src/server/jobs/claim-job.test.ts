import { describe, expect, it, onTestFinished } from 'vitest';

import { createTestClock } from '../../../test/build-app.ts';
import { openDatabase } from '../database/open-database.ts';
import type { JobStatus } from '../database/tables.ts';
import { claimJob } from './claim-job.ts';

const HOUR_MS = 3_600_000;

async function open() {
  const clock = createTestClock();
  const { database, close } = await openDatabase({ path: ':memory:', isServer: false, now: clock.now });
  onTestFinished(close);
  const at = (milliseconds: number) => new Date(clock.now().getTime() + milliseconds).toISOString();
  const insert = async (job: { status: JobStatus; runAfterMs?: number; leaseMs?: number }) => {
    const row = await database
      .insertInto('jobs')
      .values({
        kind: 'work',
        payload: '{}',
        status: job.status,
        progress: 0,
        attempts: 0,
        maxAttempts: 3,
        runAfter: at(job.runAfterMs ?? 0),
        leaseOwner: job.leaseMs === undefined ? null : 'other',
        leaseUntil: job.leaseMs === undefined ? null : at(job.leaseMs),
        fence: 0,
        createdAt: at(0),
        updatedAt: at(0),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    return row.id;
  };
  const claim = async (exceptIds: number[] = []) => {
    const options = { database, kinds: ['work'], instanceId: 'me', now: clock.now, leaseMs: 30_000 };
    return (await claimJob({ ...options, exceptIds }))?.id;
  };
  return { clock, insert, claim };
}

describe('claimJob', () => {
  it('should take queued, due and abandoned jobs, oldest first, and no others', async () => {
    const { insert, claim } = await open();
    const queued = await insert({ status: 'queued' });
    const due = await insert({ status: 'retrying', runAfterMs: -1 });
    const abandoned = await insert({ status: 'running', leaseMs: -1 });
    await insert({ status: 'retrying', runAfterMs: 1_000 });
    await insert({ status: 'running', leaseMs: 1_000 });
    await insert({ status: 'completed' });
    expect([await claim(), await claim(), await claim(), await claim()]).toEqual([
      queued,
      due,
      abandoned,
      undefined,
    ]);
  });

  it('should not wait for a clock that went back', async () => {
    const { clock, insert, claim } = await open();
    const ids = [
      await insert({ status: 'queued' }),
      await insert({ status: 'retrying', runAfterMs: 1_000 }),
      await insert({ status: 'running', leaseMs: 30_000 }),
    ];
    clock.advance(-HOUR_MS);
    expect([await claim(), await claim(), await claim()]).toEqual(ids);
  });

  it('should leave a job alone that runs here, however late its lease is', async () => {
    const { insert, claim } = await open();
    const id = await insert({ status: 'running', leaseMs: -HOUR_MS });
    expect(await claim([id])).toBeUndefined();
    expect(await claim()).toBe(id);
  });
});
