import type { Kysely, Transaction } from 'kysely';

import type { JobStatus, Tables } from '../database/tables.ts';
import { AppError } from '../errors.ts';
import { claimJob, RETRY_LIMIT_MS } from './claim-job.ts';
import {
  type JobContext,
  type JobFailure,
  type JobHandler,
  type JobQueue,
  type JobRecord,
  LostLease,
  type NewJob,
  PermanentJobFailure,
} from './job-queue.ts';

export type SqlJobQueueOptions = {
  database: Kysely<Tables>;
  instanceId: string;
  handlers: Record<string, JobHandler>;
  now: () => Date;
  random?: () => number;
  onError: (error: unknown, context: { jobId: number; kind: string }) => void;
  concurrency?: number;
  leaseMs?: number;
  /** How often leases are renewed; a third of the lease unless told otherwise. */
  renewMs?: number;
  pollMs?: number;
};

type Running = { job: JobRecord; abort: AbortController; done: Promise<void> };

const DEFAULT_MAX_ATTEMPTS = 3;
const RETRY_BASE_MS = 2_000;
const PROGRESS_WRITE_MS = 250;
const ENDED: JobStatus[] = ['completed', 'failed', 'canceled'];

/**
 * The queue in a table of the primary database: a worker claims the oldest due job with a lease and a fence, renews
 * the lease while it works, and every write names both, so that a worker that was thought dead cannot overwrite.
 */
export function createSqlJobQueue(options: SqlJobQueueOptions): JobQueue {
  const { database, instanceId, handlers, now, onError } = options;
  const { concurrency = 2, leaseMs = 30_000, pollMs = 1_000, random = Math.random } = options;
  const { renewMs = leaseMs / 3 } = options;
  const running = new Map<number, Running>();
  const endListeners = new Map<number, Set<() => void>>();
  let timer: NodeJS.Timeout | undefined;
  let renewal: NodeJS.Timeout | undefined;
  let isStopping = false;
  let isClaiming = false;
  let claiming: Promise<void> = Promise.resolve();
  let hasMore = false;

  const owned = (job: JobRecord, transaction: Kysely<Tables>) =>
    transaction
      .updateTable('jobs')
      .where('id', '=', job.id)
      .where('fence', '=', job.fence)
      .where('status', '=', 'running');

  const later = (milliseconds: number) => new Date(now().getTime() + milliseconds).toISOString();

  const claim = (jobId?: number) =>
    claimJob({
      database,
      kinds: Object.keys(handlers),
      instanceId,
      now,
      leaseMs,
      // One that runs here is late with its lease, not abandoned.
      exceptIds: [...running.keys()],
      jobId,
    });

  const hasRoom = () => !isStopping && running.size < concurrency;

  async function pump(): Promise<void> {
    isClaiming = true;
    try {
      do {
        hasMore = false;
        while (hasRoom()) {
          const job = await claim();
          if (!job) break;
          if (isStopping) await handBack(job);
          else void launch(job);
        }
      } while (hasMore);
    } finally {
      isClaiming = false;
    }
  }

  function launch(job: JobRecord): Promise<void> {
    const abort = new AbortController();
    const done = work(job, abort)
      .catch((error: unknown) => onError(error, { jobId: job.id, kind: job.kind }))
      .finally(() => {
        running.delete(job.id);
        for (const listener of endListeners.get(job.id) ?? []) listener();
        poke();
      });
    running.set(job.id, { job, abort, done });
    return done;
  }

  async function work(job: JobRecord, abort: AbortController): Promise<void> {
    const handler = handlers[job.kind];
    if (!handler) return;
    let isCompleted = false;
    let writtenAt = 0;
    const context: JobContext = {
      signal: abort.signal,
      reportProgress: (progress) => {
        const time = now().getTime();
        if (time - writtenAt < PROGRESS_WRITE_MS) return;
        writtenAt = time;
        void owned(job, database)
          .set({ progress, updatedAt: now().toISOString() })
          .execute()
          .catch((error: unknown) => onError(error, { jobId: job.id, kind: job.kind }));
      },
      complete: async (transaction, result) => {
        await end(job, transaction, {
          status: 'completed',
          progress: 1,
          result: result ? JSON.stringify(result) : null,
        });
        isCompleted = true;
      },
    };
    try {
      if (job.cancelRequestedAt !== null)
        throw new PermanentJobFailure('conflict', 'Canceled before it began.');
      if (job.attempts > job.maxAttempts)
        throw new PermanentJobFailure('internal', 'The server stopped each time while it did this.');
      await handler.run(job, context);
      if (!isCompleted) await database.transaction().execute((transaction) => context.complete(transaction));
    } catch (error) {
      if (error instanceof LostLease) return;
      await fail({ job, handler, error, signal: abort.signal });
    }
  }

  async function fail(failed: {
    job: JobRecord;
    handler: JobHandler;
    error: unknown;
    signal: AbortSignal;
  }): Promise<void> {
    const { job, handler, error, signal } = failed;
    const fresh = await database
      .selectFrom('jobs')
      .select('cancelRequestedAt')
      .where('id', '=', job.id)
      .executeTakeFirst();
    if (fresh?.cancelRequestedAt) {
      return finish(job, handler, {
        status: 'canceled',
        failure: { code: 'conflict', message: 'The job was canceled.' },
      });
    }
    if (signal.aborted) return handBack(job);
    const isPermanent = error instanceof PermanentJobFailure;
    const failure: JobFailure =
      isPermanent || error instanceof AppError
        ? { code: error.code, message: error.message }
        : { code: 'internal', message: 'Something went wrong on the server; try again, and see its log.' };
    if (!isPermanent) onError(error, { jobId: job.id, kind: job.kind });
    if (isPermanent || job.attempts >= job.maxAttempts)
      return finish(job, handler, { status: 'failed', failure });
    const delay = Math.min(RETRY_LIMIT_MS, RETRY_BASE_MS * 2 ** (job.attempts - 1)) * (0.5 + random() / 2);
    await owned(job, database)
      .set({
        status: 'retrying',
        runAfter: later(delay),
        leaseOwner: null,
        leaseUntil: null,
        errorCode: failure.code,
        error: failure.message,
        updatedAt: now().toISOString(),
      })
      .execute();
  }

  async function finish(
    job: JobRecord,
    handler: JobHandler,
    outcome: { status: 'failed' | 'canceled'; failure: JobFailure },
  ): Promise<void> {
    await database.transaction().execute(async (transaction) => {
      await end(job, transaction, {
        status: outcome.status,
        errorCode: outcome.failure.code,
        error: outcome.failure.message,
      });
      await handler.onEnded?.(transaction, job, outcome);
    });
  }

  async function end(
    job: JobRecord,
    transaction: Transaction<Tables>,
    values: {
      status: JobStatus;
      progress?: number;
      result?: string | null;
      errorCode?: string;
      error?: string;
    },
  ): Promise<void> {
    const time = now().toISOString();
    const changed = await owned(job, transaction)
      .set({
        errorCode: null,
        error: null,
        ...values,
        leaseOwner: null,
        leaseUntil: null,
        updatedAt: time,
        endedAt: time,
      })
      .executeTakeFirst();
    if (changed.numUpdatedRows === 0n) throw new LostLease(job.id);
  }

  /** A stopping server gives its job to the next worker without counting the attempt. */
  async function handBack(job: JobRecord): Promise<void> {
    await owned(job, database)
      .set((eb) => ({
        status: 'queued',
        attempts: eb('attempts', '-', 1),
        leaseOwner: null,
        leaseUntil: null,
        updatedAt: now().toISOString(),
      }))
      .execute();
  }

  async function renewLeases(): Promise<void> {
    for (const { job, abort } of running.values()) {
      const row = await owned(job, database)
        .set({ leaseUntil: later(leaseMs) })
        .returning('cancelRequestedAt')
        .executeTakeFirst();
      if (!row) abort.abort(new LostLease(job.id));
      else if (row.cancelRequestedAt !== null) abort.abort(canceled());
    }
  }

  function poke(): void {
    if (isClaiming) hasMore = true;
    if (isStopping || isClaiming) return;
    claiming = pump().catch((error: unknown) => onError(error, { jobId: 0, kind: 'claim' }));
  }

  async function hasEnded(jobId: number): Promise<boolean> {
    const row = await database.selectFrom('jobs').select('status').where('id', '=', jobId).executeTakeFirst();
    return row === undefined || ENDED.includes(row.status);
  }

  return {
    async enqueue(transaction: Kysely<Tables>, job: NewJob) {
      const time = now().toISOString();
      const row = await transaction
        .insertInto('jobs')
        .values({
          kind: job.kind,
          payload: JSON.stringify(job.payload),
          status: 'queued',
          documentId: job.documentId ?? null,
          progress: 0,
          attempts: 0,
          maxAttempts: job.maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
          runAfter: time,
          fence: 0,
          createdBy: job.createdBy ?? null,
          createdAt: time,
          updatedAt: time,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      return row.id;
    },
    wake: poke,
    async releaseOthers() {
      await database
        .updateTable('jobs')
        .set({ status: 'queued', leaseOwner: null, leaseUntil: null, updatedAt: now().toISOString() })
        .where('status', '=', 'running')
        .where('leaseOwner', '!=', instanceId)
        .execute();
    },
    start() {
      timer = setInterval(poke, pollMs).unref();
      renewal = setInterval(() => {
        renewLeases().catch((error: unknown) => onError(error, { jobId: 0, kind: 'lease' }));
      }, renewMs).unref();
      poke();
    },
    async cancel(jobId) {
      const time = now().toISOString();
      const row = await database
        .updateTable('jobs')
        .set({ cancelRequestedAt: time, updatedAt: time, runAfter: time })
        .where('id', '=', jobId)
        .where('status', 'not in', ENDED)
        .returning('id')
        .executeTakeFirst();
      running.get(jobId)?.abort.abort(canceled());
      // One that has not begun ends here, even when every worker is busy.
      const unbegun = row && !running.has(jobId) ? await claim(jobId) : undefined;
      if (unbegun) await launch(unbegun);
      return row !== undefined;
    },
    async retry(jobId) {
      const time = now().toISOString();
      const row = await database
        .updateTable('jobs')
        .set({
          status: 'queued',
          attempts: 0,
          progress: 0,
          runAfter: time,
          cancelRequestedAt: null,
          errorCode: null,
          error: null,
          endedAt: null,
          updatedAt: time,
        })
        .where('id', '=', jobId)
        .where('status', 'in', ['failed', 'canceled'])
        .returning('id')
        .executeTakeFirst();
      poke();
      return row !== undefined;
    },
    async waitForEnd(jobId, timeoutMs) {
      let changed = Promise.withResolvers<void>();
      const over = new AbortController();
      const listener = () => changed.resolve();
      const listeners = endListeners.get(jobId) ?? new Set();
      endListeners.set(jobId, listeners.add(listener));
      const timeout = setTimeout(() => {
        over.abort();
        listener();
      }, timeoutMs);
      try {
        while (!over.signal.aborted && !(await hasEnded(jobId))) {
          await changed.promise;
          changed = Promise.withResolvers();
        }
      } finally {
        clearTimeout(timeout);
        listeners.delete(listener);
        if (listeners.size === 0) endListeners.delete(jobId);
      }
    },
    async stop() {
      isStopping = true;
      clearInterval(timer);
      clearInterval(renewal);
      await claiming;
      for (const { abort } of running.values()) abort.abort(new Error('The server is stopping.'));
      await Promise.allSettled([...running.values()].map(({ done }) => done));
    },
  };
}

/** Why a canceled job's signal is aborted; a handler may throw it as it is. */
function canceled(): Error {
  return new Error('The job was canceled.');
}
