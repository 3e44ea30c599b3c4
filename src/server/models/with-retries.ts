import { type Clock, sleep } from './clock.ts';
import { isRetryable, type ModelError } from './model-error.ts';

export type RetryPolicy = {
  maximumRetries: number;
  /** The first wait is up to this long, each later one up to twice the one before. */
  baseDelayMs: number;
  /** All waits of one call together, those that the provider asks for included. */
  maximumWaitMs: number;
};

type Retry = { error: ModelError; attempt: number; delayMs: number };

/**
 * Milliseconds to wait before trying again: exponential with full jitter (Brooker, "Exponential Backoff and Jitter",
 * AWS 2015), and no less than the provider's Retry-After. Undefined when there is nothing to gain or no budget left.
 * @param options.attempt retries made so far
 * @param options.waitedMs waits made so far
 */
export function retryDelayMs(options: {
  error: unknown;
  attempt: number;
  waitedMs: number;
  policy: RetryPolicy;
  random: () => number;
}): number | undefined {
  const { error, attempt, waitedMs, policy, random } = options;
  if (!isRetryable(error) || attempt >= policy.maximumRetries) return undefined;
  const jitterMs = random() * policy.baseDelayMs * 2 ** attempt;
  const delayMs = (error.retryAfterSeconds ?? 0) * 1_000 + jitterMs;
  return waitedMs + delayMs <= policy.maximumWaitMs ? delayMs : undefined;
}

/**
 * Makes attempts until one succeeds, the policy's budget is used up, or the next could not begin before `deadline`
 * (milliseconds since 1970).
 * @throws the last attempt's error, or the signal's reason when it aborts between attempts
 */
export async function withRetries<Result>(options: {
  attempt: () => Promise<Result>;
  policy: RetryPolicy;
  deadline: number;
  clock: Clock;
  random: () => number;
  signal: AbortSignal;
  onRetry?: (retry: Retry) => void;
}): Promise<Result> {
  const { policy, deadline, clock, random, signal } = options;
  let waitedMs = 0;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await options.attempt();
    } catch (error) {
      const delayMs = signal.aborted ? undefined : retryDelayMs({ error, attempt, waitedMs, policy, random });
      if (delayMs === undefined || clock.now().getTime() + delayMs >= deadline) throw error;
      options.onRetry?.({ error: error as ModelError, attempt: attempt + 1, delayMs });
      waitedMs += delayMs;
      await sleep(delayMs, { clock, signal });
    }
  }
}
