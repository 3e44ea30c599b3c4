import { describe, expect, it } from 'vitest';

import { createManualClock } from '../../../test/manual-clock.ts';
import { type CallLimits, guardCalls } from './guard-calls.ts';
import { ModelError } from './model-error.ts';

const limits: CallLimits = {
  timeoutMs: 30_000,
  totalTimeoutMs: 60_000,
  retries: { maximumRetries: 4, baseDelayMs: 300, maximumWaitMs: 45_000 },
  breakerFailures: 2,
  breakerOpenMs: 60_000,
};
const never = new AbortController().signal;

function createCalls() {
  const clock = createManualClock();
  return { clock, calls: guardCalls({ modelId: 'embedder', limits, clock, random: () => 0.5 }) };
}

describe('guardCalls', () => {
  it('should end an attempt that takes too long and abort its signal', async () => {
    const { clock, calls } = createCalls();
    const signals: AbortSignal[] = [];
    const call = calls.call((signal) => {
      signals.push(signal);
      return new Promise(() => undefined);
    }, never);
    const error: unknown = await clock.finish(call.catch((reason: unknown) => reason));
    expect(error).toMatchObject({ reason: 'timeout' });
    expect(clock.elapsedMs()).toBe(30_000);
    expect(signals.map((signal) => signal.aborted)).toEqual([true]);
  });

  it('should keep all attempts within the total', async () => {
    const { clock, calls } = createCalls();
    const busy = () =>
      Promise.reject(new ModelError('rate-limited', 'Slow down.', { retryAfterSeconds: 20 }));
    const error: unknown = await clock.finish(calls.call(busy, never).catch((reason: unknown) => reason));
    expect(error).toMatchObject({ reason: 'rate-limited' });
    expect(clock.elapsedMs()).toBeLessThanOrEqual(limits.retries.maximumWaitMs);
    expect(clock.elapsedMs()).toBeGreaterThan(40_000);
  });

  it('should pause after failures and come back with one probe', async () => {
    const { clock, calls } = createCalls();
    const broken = () => Promise.reject(new ModelError('refused', 'No.'));
    for (let count = 0; count < 2; count += 1) await calls.call(broken, never).catch(() => undefined);
    await expect(calls.call(async () => 1, never)).rejects.toMatchObject({
      reason: 'paused',
      retryAfterSeconds: 60,
    });
    await clock.advance(60_000);
    expect(await calls.call(async () => 1, never)).toBe(1);
    expect(calls.state()).toBe('operational');
  });
});
