import { type BreakerPermit, createCircuitBreaker } from './circuit-breaker.ts';
import { type Clock, withinTime } from './clock.ts';
import type { ModelState } from './language-model.ts';
import { countsAgainstModel, ModelError, toModelError } from './model-error.ts';
import { type OnModelEvent, stateOfBreaker } from './model-event.ts';
import { type RetryPolicy, withRetries } from './with-retries.ts';

export type CallLimits = {
  /** Milliseconds for one attempt. */
  timeoutMs: number;
  /** Milliseconds for a call with all its attempts. */
  totalTimeoutMs: number;
  retries: RetryPolicy;
  breakerFailures: number;
  breakerOpenMs: number;
};

export type GuardedCalls = {
  /** Makes a call that answers at once, such as embeddings; `attempt` gets a signal that it must obey. */
  call: <Result>(attempt: (signal: AbortSignal) => Promise<Result>, signal: AbortSignal) => Promise<Result>;
  state: () => ModelState;
};

/**
 * Time limits, retries and a breaker for calls that answer in one piece. An abort by `AbortSignal.timeout` counts as a
 * failure of the model, another abort says nothing about it.
 * @throws ModelError from `call`, or the reason of its signal
 */
export function guardCalls(options: {
  modelId: string;
  limits: CallLimits;
  clock: Clock;
  random: () => number;
  onEvent?: OnModelEvent;
}): GuardedCalls {
  const { modelId, limits, clock, random, onEvent } = options;
  const breaker = createCircuitBreaker({
    failureThreshold: limits.breakerFailures,
    openMs: limits.breakerOpenMs,
    now: clock.now,
    onChange: (change) => onEvent?.({ type: `breaker-${change}`, modelId }),
  });

  function enterBreaker(): BreakerPermit {
    const permit = breaker.acquire();
    if (permit) return permit;
    throw new ModelError('paused', `The model ${modelId} failed repeatedly and is left alone for a while.`, {
      retryAfterSeconds: Math.max(1, Math.ceil(breaker.retryInMs() / 1_000)),
    });
  }

  async function limited<Result>(
    attempt: (signal: AbortSignal) => Promise<Result>,
    signal: AbortSignal,
    limitMs: number,
  ) {
    const controller = new AbortController();
    const work = attempt(AbortSignal.any([signal, controller.signal]));
    try {
      return await withinTime(work, { clock, limitMs, signal, onTimeout: () => tooSlow(modelId) });
    } finally {
      controller.abort(tooSlow(modelId));
    }
  }

  return {
    async call(attempt, signal) {
      signal.throwIfAborted();
      const deadline = clock.now().getTime() + limits.totalTimeoutMs;
      const permit = enterBreaker();
      try {
        const result = await withRetries({
          attempt: () =>
            limited(attempt, signal, Math.min(limits.timeoutMs, deadline - clock.now().getTime())),
          policy: permit.isProbe ? { ...limits.retries, maximumRetries: 0 } : limits.retries,
          deadline,
          clock,
          random,
          signal,
          onRetry: ({ error, attempt: number, delayMs }) =>
            onEvent?.({ type: 'retry', modelId, reason: error.reason, attempt: number, delayMs }),
        });
        permit.succeed();
        return result;
      } catch (error) {
        const isImpatient = (signal.reason as { name?: unknown } | undefined)?.name === 'TimeoutError';
        if (signal.aborted ? isImpatient : countsAgainstModel(error)) permit.fail();
        if (signal.aborted) throw signal.reason;
        throw toModelError(error, modelId);
      } finally {
        permit.release();
      }
    },
    state: () => stateOfBreaker(breaker),
  };
}

function tooSlow(modelId: string): ModelError {
  return new ModelError('timeout', `The model ${modelId} took too long.`);
}
