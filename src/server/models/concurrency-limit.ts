import type { Clock } from './clock.ts';

export type ConcurrencyLimit = {
  /**
   * Waits for a place, first come first served. Undefined when the queue is full or the wait took too long; else the
   * function that gives the place back.
   * @throws the signal's reason when it aborts while waiting
   */
  acquire(signal: AbortSignal): Promise<(() => void) | undefined>;
  running(): number;
  queued(): number;
};

type Waiter = { admit: () => void };

/** At most `limit` at once; `maximumQueued` more wait up to `queueTimeoutMs` each. */
export function createConcurrencyLimit(options: {
  limit: number;
  maximumQueued: number;
  queueTimeoutMs: number;
  clock: Clock;
}): ConcurrencyLimit {
  const { limit, maximumQueued, queueTimeoutMs, clock } = options;
  let running = 0;
  const queue = new Set<Waiter>();

  const createRelease = () => {
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      const [next] = queue;
      // The place goes straight to the next one, so that a newcomer cannot slip in between.
      if (next) next.admit();
      else running -= 1;
    };
  };

  const wait = (signal: AbortSignal) =>
    new Promise<(() => void) | undefined>((resolve, reject) => {
      const leave = () => {
        queue.delete(waiter);
        stopTimer();
        signal.removeEventListener('abort', abort);
      };
      const abort = () => {
        leave();
        reject(signal.reason as Error);
      };
      const waiter: Waiter = {
        admit() {
          leave();
          resolve(createRelease());
        },
      };
      const stopTimer = clock.after(queueTimeoutMs, () => {
        leave();
        resolve(undefined);
      });
      queue.add(waiter);
      signal.addEventListener('abort', abort, { once: true });
    });

  return {
    async acquire(signal) {
      signal.throwIfAborted();
      if (running < limit) {
        running += 1;
        return createRelease();
      }
      return queue.size >= maximumQueued ? undefined : await wait(signal);
    },
    running: () => running,
    queued: () => queue.size,
  };
}
