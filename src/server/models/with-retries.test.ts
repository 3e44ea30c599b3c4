import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createManualClock } from '../../../test/manual-clock.ts';
import { ModelError, type ModelFailureReason } from './model-error.ts';
import { type RetryPolicy, retryDelayMs, withRetries } from './with-retries.ts';

const policy: RetryPolicy = { maximumRetries: 2, baseDelayMs: 300, maximumWaitMs: 5_000 };
const failure = (reason: ModelFailureReason, retryAfterSeconds?: number) =>
  new ModelError(reason, 'It failed.', retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
const delayOf = (error: unknown, changes: Partial<Parameters<typeof retryDelayMs>[0]> = {}) =>
  retryDelayMs({ error, attempt: 0, waitedMs: 0, policy, random: () => 0.5, ...changes });

describe('retryDelayMs', () => {
  it.each(['network', 'server-error', 'rate-limited', 'cut-off'] as const)(
    'should try again after %s',
    (reason) => {
      expect(delayOf(failure(reason))).toBe(150);
      expect(delayOf(failure(reason), { attempt: 1 })).toBe(300);
      expect(delayOf(failure(reason), { attempt: 2 })).toBeUndefined();
    },
  );

  it.each(['timeout', 'quota', 'malformed', 'refused', 'rejected', 'paused', 'busy'] as const)(
    'should not try again after %s',
    (reason) => {
      expect(delayOf(failure(reason))).toBeUndefined();
    },
  );

  it('should wait as long as the provider asks, within the budget', () => {
    expect(delayOf(failure('rate-limited', 2))).toBe(2_150);
    expect(delayOf(failure('rate-limited', 6))).toBeUndefined();
    expect(delayOf(failure('rate-limited', 2), { waitedMs: 3_000 })).toBeUndefined();
  });

  it('should not try again after an error that is not of a model', () => {
    expect(delayOf(new TypeError('a bug'))).toBeUndefined();
  });
});

describe('withRetries', () => {
  it('should never wait longer than the budget or begin after the deadline, and end with the last error', async () => {
    const waits = fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined });
    const property = fc.asyncProperty(
      fc.array(waits, { maxLength: 6 }),
      fc.integer({ min: 0, max: 8_000 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      async (retryAfters, budgetMs, jitter) => {
        const clock = createManualClock();
        const errors = retryAfters.map((seconds) => failure('rate-limited', seconds));
        let attempts = 0;
        const work = withRetries({
          attempt: async () => {
            const error = errors[attempts];
            attempts += 1;
            if (error) throw error;
            return 'done';
          },
          policy,
          deadline: clock.now().getTime() + budgetMs,
          clock,
          random: () => jitter,
          signal: new AbortController().signal,
        });
        const result = await clock.finish(work.catch((error: unknown) => error));
        expect(clock.elapsedMs()).toBeLessThanOrEqual(Math.min(policy.maximumWaitMs, budgetMs));
        expect(attempts).toBeLessThanOrEqual(policy.maximumRetries + 1);
        expect(result).toBe(errors[attempts - 1] ?? 'done');
      },
    );
    await fc.assert(property, { numRuns: 100 });
  });

  it('should count all waits of a call against the budget', async () => {
    const clock = createManualClock();
    let attempts = 0;
    const work = withRetries({
      attempt: () => {
        attempts += 1;
        return Promise.reject(failure('rate-limited', 3));
      },
      policy,
      deadline: Number.POSITIVE_INFINITY,
      clock,
      random: () => 0,
      signal: new AbortController().signal,
    });
    await clock.finish(work.catch(() => undefined));
    expect([attempts, clock.elapsedMs()]).toEqual([2, 3_000]);
  });

  it('should stop waiting when it is aborted', async () => {
    const clock = createManualClock();
    const controller = new AbortController();
    const work = withRetries({
      attempt: () => Promise.reject(failure('network')),
      policy,
      deadline: Number.POSITIVE_INFINITY,
      clock,
      random: () => 0.5,
      signal: controller.signal,
    });
    await clock.advance(10);
    controller.abort(new Error('gone'));
    await expect(work).rejects.toThrow('gone');
    expect(clock.pendingTimers()).toBe(0);
  });
});
