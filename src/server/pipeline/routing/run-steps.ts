import { setImmediate as nextTurn } from 'node:timers/promises';

/** Longest time that steps run before other work of the process may pass, milliseconds. */
const LONGEST_RUN_MS = 10;

/** Runs a computation that yields between its steps to its end, at once. */
export function runSteps<Result>(steps: Generator<undefined, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Runs a computation that yields between its steps, and lets requests and timers pass after every 10 ms of it. */
export async function runStepsPolitely<Result>(steps: Generator<undefined, Result>): Promise<Result> {
  let startedAt = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() - startedAt < LONGEST_RUN_MS) continue;
    await nextTurn();
    startedAt = performance.now();
  }
}
