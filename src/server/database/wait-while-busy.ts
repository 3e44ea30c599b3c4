import { setTimeout as delay } from 'node:timers/promises';

import { isBusy, translateSqliteError } from './translate-sqlite-error.ts';

const RETRY_MS = 20;

/**
 * Runs one statement and waits for the lock of another program without blocking the event loop, as the busy handler of
 * SQLite would: a statement that finds the database locked has changed nothing, so it is simply run again until
 * `limitMs` of waiting are over.
 * @throws what `translateSqliteError` makes of the error
 */
export async function waitWhileBusy<Result>(
  statement: () => Result,
  options: { limitMs: number; wait?: (delayMs: number) => Promise<void> },
): Promise<Result> {
  const { limitMs, wait = (delayMs: number) => delay(delayMs) } = options;
  for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
    try {
      return statement();
    } catch (error) {
      if (!isBusy(error) || waitedMs >= limitMs) throw translateSqliteError(error);
    }
    await wait(RETRY_MS);
  }
}
