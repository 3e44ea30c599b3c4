import type { Clock } from '../src/server/models/clock.ts';

export type ManualClock = Clock & {
  /** Milliseconds since the clock was made. */
  elapsedMs: () => number;
  /** Moves the time on and runs what falls due on the way. */
  advance: (byMs: number) => Promise<void>;
  /** Runs one timer after the other, however far away, until the work is done. */
  finish: <Result>(work: Promise<Result>) => Promise<Result>;
  pendingTimers: () => number;
};

const START_MS = Date.UTC(2026, 0, 1);

/** A clock that stands still until a test moves it. */
export function createManualClock(): ManualClock {
  let nowMs = START_MS;
  const timers = new Set<{ atMs: number; action: () => void }>();

  const runNext = (untilMs: number) => {
    const [next] = [...timers].sort((left, right) => left.atMs - right.atMs);
    if (!next || next.atMs > untilMs) return false;
    timers.delete(next);
    nowMs = Math.max(nowMs, next.atMs);
    next.action();
    return true;
  };

  return {
    now: () => new Date(nowMs),
    after(delayMs, action) {
      const timer = { atMs: nowMs + Math.max(0, delayMs), action };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    elapsedMs: () => nowMs - START_MS,
    async advance(byMs) {
      const untilMs = nowMs + byMs;
      await settleMicrotasks();
      while (runNext(untilMs)) await settleMicrotasks();
      nowMs = untilMs;
    },
    async finish(work) {
      let isDone = false;
      const mark = () => {
        isDone = true;
      };
      work.then(mark, mark);
      for (;;) {
        await settleMicrotasks();
        if (isDone) return await work;
        if (!runNext(Number.POSITIVE_INFINITY))
          throw new Error('The work waits for something that is no timer.');
      }
    },
    pendingTimers: () => timers.size,
  };
}

function settleMicrotasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
