import { AppError } from '../errors.ts';

/** Primary result codes (https://sqlite.org/rescode.html); the low byte of an extended one. */
const BUSY = 5;
const LOCKED = 6;
const READ_ONLY = 8;
const INPUT_OUTPUT = 10;
const FULL = 13;
const CANNOT_OPEN = 14;

const RETRY_SECONDS = 5;

/** The primary result code of an error of SQLite; undefined for any other error. */
function primaryCodeOf(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}

/** Whether another connection holds the lock that a statement needs, so that trying again can help. */
export function isBusy(error: unknown): boolean {
  const code = primaryCodeOf(error);
  return code === BUSY || code === LOCKED;
}

/**
 * What a client may know of a failure of the database's surroundings: a lock held by another program, a full or
 * read-only disk, a failing one. Each is a 503 that says what to do. Any other error comes back unchanged.
 */
export function translateSqliteError(error: unknown): unknown {
  const code = primaryCodeOf(error);
  const message = code === undefined ? undefined : messages.get(code);
  if (message === undefined) return error;
  return new AppError('unavailable', message, { retryAfterSeconds: RETRY_SECONDS, cause: error });
}

const failing =
  'The database file cannot be read or written, so nothing was saved. See the log of the server, and check its disk.';
const messages = new Map([
  [
    BUSY,
    'Another program holds the database, so nothing was saved. Try again in a few seconds; if it stays so, close the program that has the file open.',
  ],
  [LOCKED, 'The database is locked, so nothing was saved. Try again in a few seconds.'],
  [READ_ONLY, 'The database may not be written, so nothing was saved. Make the data folder writable.'],
  [INPUT_OUTPUT, failing],
  [FULL, 'The disk of the server is full, so nothing was saved. Free some space and try again.'],
  [CANNOT_OPEN, failing],
]);
