import type { Kysely } from 'kysely';
import { describe, expect, it, vi } from 'vitest';

import type { Tables } from '../../src/server/database/tables.ts';
import {
  type JobContext,
  type JobHandler,
  type JobQueue,
  LostLease,
  PermanentJobFailure,
} from '../../src/server/jobs/job-queue.ts';
import type { TestClock } from '../build-app.ts';
import { createGate } from '../create-gate.ts';

export type JobQueueFixture = {
  database: Kysely<Tables>;
  clock: TestClock;
  /** A worker of its own on the same jobs; `leaseMs` is 30 s by the clock, and it looks for work when it is woken. */
  openQueue: (options: {
    instanceId: string;
    handlers: Record<string, JobHandler>;
    concurrency?: number;
    renewMs?: number;
  }) => JobQueue;
  errors: unknown[];
};

const LEASE_MS = 30_000;

/** What every adapter of `JobQueue` does. */
export function describeJobQueue(name: string, openFixture: () => Promise<JobQueueFixture>): void {
  const read = (fixture: JobQueueFixture, id: number) =>
    fixture.database.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const until = async (fixture: JobQueueFixture, id: number, status: string) =>
    vi.waitFor(async () => expect((await read(fixture, id)).status).toBe(status), { interval: 1 });
  const enqueue = (fixture: JobQueueFixture, queue: JobQueue, maxAttempts?: number) =>
    queue.enqueue(fixture.database, {
      kind: 'work',
      payload: { n: 1 },
      ...(maxAttempts === undefined ? {} : { maxAttempts }),
    });

  /** A handler that waits at a gate, hears its signal, and tells how often it began. */
  function createWork() {
    const gate = createGate();
    const contexts: JobContext[] = [];
    const ends: unknown[] = [];
    const handler: JobHandler = {
      async run(_job, context) {
        contexts.push(context);
        const aborted = new Promise<never>((_, reject) =>
          context.signal.addEventListener('abort', () => reject(context.signal.reason as Error)),
        );
        await Promise.race([gate.opened, aborted]);
      },
      onEnded: async (_transaction, _job, end) => void ends.push(end),
    };
    const begun = (count: number) => vi.waitFor(() => expect(contexts).toHaveLength(count), { interval: 1 });
    return { handler, gate, contexts, ends, begun };
  }

  describe(`JobQueue contract: ${name}`, () => {
    it('should run a job once and tell when it has ended', async () => {
      const fixture = await openFixture();
      const { handler, gate, contexts, begun } = createWork();
      const queue = fixture.openQueue({ instanceId: 'a', handlers: { work: handler } });
      queue.start();
      const id = await enqueue(fixture, queue);
      queue.wake();
      await begun(1);
      const waiting = queue.waitForEnd(id, 60_000);
      gate.open();
      await waiting;
      expect(await read(fixture, id)).toMatchObject({ status: 'completed', progress: 1, attempts: 1 });
      queue.wake();
      await queue.stop();
      expect(contexts).toHaveLength(1);
    });

    it('should run nothing that was rolled back', async () => {
      const fixture = await openFixture();
      const { handler, contexts } = createWork();
      const queue = fixture.openQueue({ instanceId: 'a', handlers: { work: handler } });
      await expect(
        fixture.database.transaction().execute(async (transaction) => {
          await queue.enqueue(transaction, { kind: 'work', payload: {} });
          throw new Error('changed my mind');
        }),
      ).rejects.toThrow('changed my mind');
      queue.wake();
      await queue.stop();
      expect(contexts).toEqual([]);
    });

    it('should give each of many jobs to one worker, oldest first, never more at once than allowed', async () => {
      const fixture = await openFixture();
      const seen: number[] = [];
      let atOnce = 0;
      let most = 0;
      const handler: JobHandler = {
        async run(job) {
          seen.push(job.id);
          atOnce += 1;
          most = Math.max(most, atOnce);
          await new Promise((resolve) => setImmediate(resolve));
          atOnce -= 1;
        },
      };
      const queues = ['a', 'b'].map((instanceId) =>
        fixture.openQueue({ instanceId, handlers: { work: handler }, concurrency: 2 }),
      );
      const [queue] = queues as [JobQueue];
      const ids: number[] = [];
      for (let count = 0; count < 20; count += 1) ids.push(await enqueue(fixture, queue));
      for (const each of queues) each.wake();
      for (const id of ids) await until(fixture, id, 'completed');
      expect(seen.toSorted((left, right) => left - right)).toEqual(ids);
      expect(seen[0]).toBe(ids[0]);
      expect(most).toBeLessThanOrEqual(4);
    });

    it('should try again after a growing wait, and give up with a text that hides the reason', async () => {
      const fixture = await openFixture();
      const failing = vi.fn<JobHandler['run']>().mockRejectedValue(new Error('password=hunter2'));
      const ends: unknown[] = [];
      const queue = fixture.openQueue({
        instanceId: 'a',
        handlers: { work: { run: failing, onEnded: async (_t, _j, end) => void ends.push(end) } },
      });
      const id = await enqueue(fixture, queue);
      const waits: number[] = [];
      for (let attempt = 1; attempt < 3; attempt += 1) {
        queue.wake();
        await vi.waitFor(
          async () =>
            expect(await read(fixture, id)).toMatchObject({ status: 'retrying', attempts: attempt }),
          { interval: 1 },
        );
        const { runAfter } = await read(fixture, id);
        const waitMs = Date.parse(runAfter) - fixture.clock.now().getTime();
        waits.push(waitMs);
        queue.wake();
        fixture.clock.advance(waitMs - 1);
        queue.wake();
        expect(await read(fixture, id)).toMatchObject({ status: 'retrying', attempts: attempt });
        fixture.clock.advance(1);
      }
      queue.wake();
      await until(fixture, id, 'failed');
      expect(waits[1]).toBeGreaterThan(waits[0] ?? 0);
      expect(failing).toHaveBeenCalledTimes(3);
      expect(await read(fixture, id)).toMatchObject({ attempts: 3, errorCode: 'internal' });
      expect((await read(fixture, id)).error).not.toContain('hunter2');
      expect(ends).toMatchObject([{ status: 'failed', failure: { code: 'internal' } }]);
      expect(fixture.errors).toHaveLength(3);
    });

    it('should not try again what cannot be mended, until someone asks for it', async () => {
      const fixture = await openFixture();
      const run = vi
        .fn<JobHandler['run']>()
        .mockRejectedValueOnce(new PermanentJobFailure('document_empty', 'It is empty.'))
        .mockResolvedValue();
      const queue = fixture.openQueue({ instanceId: 'a', handlers: { work: { run } } });
      const id = await enqueue(fixture, queue);
      queue.wake();
      await until(fixture, id, 'failed');
      expect(await read(fixture, id)).toMatchObject({ errorCode: 'document_empty', error: 'It is empty.' });
      expect(await queue.retry(id)).toBe(true);
      await until(fixture, id, 'completed');
      expect(await read(fixture, id)).toMatchObject({ errorCode: null, error: null, attempts: 1 });
      expect(await queue.retry(id)).toBe(false);
      expect(fixture.errors).toEqual([]);
    });

    it('should wait for the end of a job that is tried again, not for its first failure', async () => {
      const fixture = await openFixture();
      const gate = createGate();
      const run = vi
        .fn<JobHandler['run']>()
        .mockImplementationOnce(async () => {
          await gate.opened;
          throw new Error('once');
        })
        .mockResolvedValue();
      const queue = fixture.openQueue({ instanceId: 'a', handlers: { work: { run } } });
      const id = await enqueue(fixture, queue);
      queue.wake();
      const statuses: string[] = [];
      const waitAndRead = async () => {
        await queue.waitForEnd(id, 60_000);
        statuses.push((await read(fixture, id)).status);
      };
      const waiting = waitAndRead();
      gate.open();
      await until(fixture, id, 'retrying');
      fixture.clock.advance(60_000);
      queue.wake();
      await waiting;
      expect(statuses).toEqual(['completed']);
      await queue.waitForEnd(id, 60_000);
      await queue.waitForEnd(999, 60_000);
    });

    it('should not wait longer than it was told', async () => {
      const fixture = await openFixture();
      const queue = fixture.openQueue({ instanceId: 'a', handlers: {} });
      const id = await enqueue(fixture, queue);
      await queue.waitForEnd(id, 1);
      expect(await read(fixture, id)).toMatchObject({ status: 'queued', attempts: 0 });
    });

    it('should cancel a running job at once, with its signal', async () => {
      const fixture = await openFixture();
      const { handler, ends, begun } = createWork();
      const queue = fixture.openQueue({ instanceId: 'a', handlers: { work: handler } });
      const id = await enqueue(fixture, queue);
      queue.wake();
      await begun(1);
      expect(await queue.cancel(id)).toBe(true);
      await until(fixture, id, 'canceled');
      expect(ends).toMatchObject([{ status: 'canceled' }]);
      expect(await queue.cancel(id)).toBe(false);
    });

    it('should cancel a queued job at once though every worker is busy, and never begin it', async () => {
      const fixture = await openFixture();
      const { handler, gate, contexts, ends, begun } = createWork();
      const queue = fixture.openQueue({ instanceId: 'a', handlers: { work: handler }, concurrency: 1 });
      const busy = await enqueue(fixture, queue);
      const id = await enqueue(fixture, queue);
      queue.wake();
      await begun(1);
      expect(await queue.cancel(id)).toBe(true);
      expect(await read(fixture, id)).toMatchObject({ status: 'canceled' });
      expect(ends).toHaveLength(1);
      gate.open();
      await until(fixture, busy, 'completed');
      expect(contexts).toHaveLength(1);
      expect(await queue.retry(id)).toBe(true);
      await until(fixture, id, 'completed');
    });

    it('should cancel a job that another worker runs when that one renews its lease', async () => {
      const fixture = await openFixture();
      const { handler, begun } = createWork();
      const runner = fixture.openQueue({ instanceId: 'a', handlers: { work: handler }, renewMs: 3 });
      const id = await enqueue(fixture, runner);
      runner.start();
      await begun(1);
      const other = fixture.openQueue({ instanceId: 'b', handlers: { work: handler } });
      expect(await other.cancel(id)).toBe(true);
      await until(fixture, id, 'canceled');
    });

    it('should keep the lease of a long job', async () => {
      const fixture = await openFixture();
      const { handler, gate, contexts, begun } = createWork();
      const queue = fixture.openQueue({ instanceId: 'a', handlers: { work: handler }, renewMs: 3 });
      const id = await enqueue(fixture, queue);
      queue.start();
      await begun(1);
      fixture.clock.advance(LEASE_MS - 1);
      const leaseEnd = new Date(fixture.clock.now().getTime() + LEASE_MS).toISOString();
      await vi.waitFor(async () => expect((await read(fixture, id)).leaseUntil).toBe(leaseEnd), {
        interval: 1,
      });
      fixture.clock.advance(LEASE_MS - 1);
      const other = fixture.openQueue({ instanceId: 'b', handlers: { work: handler } });
      other.wake();
      await other.stop();
      gate.open();
      await until(fixture, id, 'completed');
      expect(contexts).toHaveLength(1);
    });

    it('should run a job again whose worker died, and take nothing from the dead one', async () => {
      const fixture = await openFixture();
      const first = createWork();
      const dead = fixture.openQueue({ instanceId: 'a', handlers: { work: first.handler } });
      const id = await enqueue(fixture, dead);
      dead.wake();
      await first.begun(1);
      const second = createWork();
      const heir = fixture.openQueue({ instanceId: 'b', handlers: { work: second.handler } });
      heir.wake();
      expect(second.contexts).toEqual([]);
      fixture.clock.advance(LEASE_MS + 1);
      heir.wake();
      await second.begun(1);
      const complete = fixture.database
        .transaction()
        .execute(async (transaction) => first.contexts[0]?.complete(transaction, { from: 'a' }));
      await expect(complete).rejects.toBeInstanceOf(LostLease);
      first.gate.open();
      await dead.stop();
      expect(await read(fixture, id)).toMatchObject({ status: 'running', leaseOwner: 'b', attempts: 2 });
      second.gate.open();
      await until(fixture, id, 'completed');
    });

    it('should give up on a job that takes its server down each time', async () => {
      const fixture = await openFixture();
      const works = ['a', 'b', 'c'].map((instanceId) => {
        const work = createWork();
        return { work, queue: fixture.openQueue({ instanceId, handlers: { work: work.handler } }) };
      });
      const id = await enqueue(fixture, works[0]?.queue as JobQueue, 2);
      for (const { work, queue } of works.slice(0, 2)) {
        queue.wake();
        await work.begun(1);
        fixture.clock.advance(LEASE_MS + 1);
      }
      works[2]?.queue.wake();
      await until(fixture, id, 'failed');
      expect(works[2]?.work.contexts).toEqual([]);
      expect(works[2]?.work.ends).toHaveLength(1);
    });

    it('should commit the end of a job with its work, or neither', async () => {
      const fixture = await openFixture();
      const run = vi
        .fn<JobHandler['run']>()
        .mockImplementationOnce((_job, context) =>
          fixture.database.transaction().execute(async (transaction) => {
            await context.complete(transaction, { done: true });
            throw new Error('rolled back');
          }),
        )
        .mockImplementationOnce((_job, context) =>
          fixture.database
            .transaction()
            .execute((transaction) => context.complete(transaction, { done: true })),
        );
      const queue = fixture.openQueue({ instanceId: 'a', handlers: { work: { run } } });
      const id = await enqueue(fixture, queue);
      queue.wake();
      await until(fixture, id, 'retrying');
      fixture.clock.advance(60_000);
      queue.wake();
      await until(fixture, id, 'completed');
      expect((await read(fixture, id)).result).toBe('{"done":true}');
    });

    it('should hand its jobs back when it stops, as if they had not begun', async () => {
      const fixture = await openFixture();
      const first = createWork();
      const leaving = fixture.openQueue({ instanceId: 'a', handlers: { work: first.handler } });
      const id = await enqueue(fixture, leaving);
      leaving.wake();
      await first.begun(1);
      await leaving.stop();
      expect(await read(fixture, id)).toMatchObject({ status: 'queued', attempts: 0, leaseOwner: null });
      leaving.wake();
      const second = createWork();
      const next = fixture.openQueue({ instanceId: 'b', handlers: { work: second.handler } });
      next.wake();
      await second.begun(1);
      second.gate.open();
      await until(fixture, id, 'completed');
      expect(first.contexts).toHaveLength(1);
    });

    it('should begin nothing once it was told to stop', async () => {
      const fixture = await openFixture();
      const { handler, contexts } = createWork();
      const queue = fixture.openQueue({ instanceId: 'a', handlers: { work: handler } });
      const id = await enqueue(fixture, queue);
      queue.wake();
      await queue.stop();
      expect(contexts).toEqual([]);
      expect(await read(fixture, id)).toMatchObject({ status: 'queued', attempts: 0 });
    });
  });
}
