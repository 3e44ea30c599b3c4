/** Time as the models see it; tests give one that they move by hand. */
export type Clock = {
  now: () => Date;
  /** Runs `action` once after `delayMs`; the function returned calls it off. */
  after: (delayMs: number, action: () => void) => () => void;
};

/** A clock of real timers. They do not keep the process alive: what waits for them does. */
export function createSystemClock(now: () => Date): Clock {
  return {
    now,
    after(delayMs, action) {
      const timer = setTimeout(action, Math.max(0, delayMs));
      return () => clearTimeout(timer);
    },
  };
}

/**
 * Waits for `work`, but no longer than `limitMs` and not past an abort. The work itself is not stopped; a result or
 * error that comes too late is dropped.
 * @throws what `work` rejects with, the signal's reason, or what `onTimeout` makes
 */
export function withinTime<Result>(
  work: Promise<Result>,
  options: { clock: Clock; limitMs: number; signal: AbortSignal; onTimeout: () => Error },
): Promise<Result> {
  const { clock, limitMs, signal, onTimeout } = options;
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      stopTimer();
      signal.removeEventListener('abort', abort);
      finish();
    };
    const abort = () => settle(() => reject(signal.reason as Error));
    const stopTimer = clock.after(limitMs, () => settle(() => reject(onTimeout())));
    signal.addEventListener('abort', abort, { once: true });
    work.then(
      (result) => settle(() => resolve(result)),
      (error: Error) => settle(() => reject(error)),
    );
    if (signal.aborted) abort();
  });
}

/**
 * Resolves after `delayMs`.
 * @throws the signal's reason, at once, when it aborts
 */
export function sleep(delayMs: number, options: { clock: Clock; signal: AbortSignal }): Promise<void> {
  const { clock, signal } = options;
  return new Promise((resolve, reject) => {
    const abort = () => {
      stopTimer();
      reject(signal.reason as Error);
    };
    const stopTimer = clock.after(delayMs, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}
