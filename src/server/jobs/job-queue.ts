import type { Kysely, Selectable, Transaction } from 'kysely';

import type { ErrorCode } from '../../shared/error-codes.ts';
import type { JobsTable, Tables } from '../database/tables.ts';

export type JobRecord = Selectable<JobsTable>;

export type NewJob = {
  kind: string;
  payload: Record<string, unknown>;
  documentId?: number;
  createdBy?: number | null;
  maxAttempts?: number;
};

/** What a running handler is given. */
export type JobContext = {
  /** Aborted when the job is canceled, its lease is lost or the server stops. */
  signal: AbortSignal;
  /** Tells how far the job is, 0 to 1; written to the row now and then. */
  reportProgress: (progress: number) => void;
  /**
   * Ends the job inside the handler's own transaction, so that its work and its end are one step.
   * @throws LostLease when another worker has taken the job over
   */
  complete: (transaction: Transaction<Tables>, result?: Record<string, unknown>) => Promise<void>;
};

export type JobFailure = { code: ErrorCode; message: string };

/** The work of one kind of job. Handlers run at least once and must leave the same state when run again. */
export type JobHandler = {
  run: (job: JobRecord, context: JobContext) => Promise<void>;
  /** Marks what the job was about, in the transaction that ends it as failed or canceled. */
  onEnded?: (
    transaction: Transaction<Tables>,
    job: JobRecord,
    end: { status: 'failed' | 'canceled'; failure: JobFailure },
  ) => Promise<void>;
};

/** Thrown where a write finds that its lease is gone; the work is somebody else's now. */
export class LostLease extends Error {
  constructor(jobId: number) {
    super(`Job ${jobId} has been taken over by another worker.`);
    this.name = 'LostLease';
  }
}

/** A failure that trying again cannot mend. */
export class PermanentJobFailure extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'PermanentJobFailure';
    this.code = code;
  }
}

/** The port: durable, at-least-once background work with leases and visible progress. */
export interface JobQueue {
  enqueue(database: Kysely<Tables>, job: NewJob): Promise<number>;
  /** Looks for work now instead of at the next poll. */
  wake(): void;
  /** Queues again what other workers had begun; for a server that owns the data alone, before it starts. */
  releaseOthers(): Promise<void>;
  start(): void;
  /** Asks a job to stop; a queued one ends at once. Returns false when it has already ended. */
  cancel(jobId: number): Promise<boolean>;
  /** Queues a failed or canceled job again. Returns false when it is not in such a state. */
  retry(jobId: number): Promise<boolean>;
  /** Resolves when the job has ended or the time is over. */
  waitForEnd(jobId: number, timeoutMs: number): Promise<void>;
  /** Hands running jobs back and resolves when the handlers are done. */
  stop(): Promise<void>;
}
