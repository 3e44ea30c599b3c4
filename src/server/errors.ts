import { type ErrorCode, errorTable } from '../shared/error-codes.ts';
import type { Problem } from '../shared/problem.ts';

export type FieldError = { path: string; message: string };

/** A limit that was reached, for the X-RateLimit-* headers. */
export type ReachedLimit = { limit: number; remaining: number; resetSeconds: number };

/** An error that a client may see: a code of the closed table, a sentence with the fix, and the fields at fault. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly fields: FieldError[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly limit: ReachedLimit | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      fields?: FieldError[];
      retryAfterSeconds?: number;
      limit?: ReachedLimit;
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.status = errorTable[code].status;
    this.fields = options.fields;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.limit = options.limit;
  }
}

/** The problem document (RFC 9457) of an error; anything but an AppError becomes a fixed 500 text. */
export function toProblem(error: unknown, requestId: string): Problem {
  const known =
    error instanceof AppError ? error : new AppError('internal', 'Something went wrong on the server.');
  return {
    type: `urn:wwhd:problem:${known.code}`,
    title: errorTable[known.code].title,
    status: known.status,
    detail: known.message,
    code: known.code,
    request_id: requestId,
    ...(known.fields ? { errors: known.fields } : {}),
  };
}

/** 404 for something that is absent or belongs to someone else; the two must look the same. */
export function notFound(what: string, id?: number | string): AppError {
  return new AppError('not_found', id === undefined ? `No such ${what}.` : `No ${what} with id ${id}.`);
}

/** 422 for one field, naming it and the fix. */
export function invalidField(path: string, message: string): AppError {
  return new AppError('invalid_field', `${path}: ${message}`, { fields: [{ path, message }] });
}
