import { setTimeout as delay } from 'node:timers/promises';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

/**
 * Runs an attempt until it succeeds, with doubling waits between them (100 ms to 5 s). `onError` is told of the first
 * failure; the last one is thrown when `limitMs` of waiting are over or the signal is aborted.
 */
export async function retryPatiently<Result>(
  attempt: () => Promise<Result>,
  options: { limitMs: number; signal: AbortSignal; onError: (error: unknown) => void },
): Promise<Result> {
  const { limitMs, signal, onError } = options;
  let waitedMs = 0;
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(LONGEST_DELAY_MS, delayMs * 2)) {
    try {
      return await attempt();
    } catch (error) {
      if (waitedMs === 0) onError(error);
      if (signal.aborted || waitedMs >= limitMs) throw error;
    }
    waitedMs += delayMs;
    try {
      await delay(delayMs, undefined, { signal });
    } catch {
      // The signal cuts the wait short; one more attempt is made.
    }
  }
}
