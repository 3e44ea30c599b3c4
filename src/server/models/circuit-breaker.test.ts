import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createManualClock } from '../../../test/manual-clock.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';

function createBreaker() {
  const clock = createManualClock();
  const changes: string[] = [];
  const breaker = createCircuitBreaker({
    failureThreshold: 5,
    openMs: 60_000,
    now: clock.now,
    onChange: (change) => changes.push(change),
  });
  const fail = (times: number) => {
    for (let count = 0; count < times; count += 1) breaker.acquire()?.fail();
  };
  return { clock, changes, breaker, fail };
}

describe('createCircuitBreaker', () => {
  it('should open after five failures in a row and say when to come back', () => {
    const { breaker, fail, changes, clock } = createBreaker();
    fail(4);
    expect(breaker.state()).toBe('closed');
    fail(1);
    expect(breaker.state()).toBe('open');
    expect(breaker.acquire()).toBeUndefined();
    expect(breaker.retryInMs()).toBe(60_000);
    expect(changes).toEqual(['opened']);
    expect(clock.elapsedMs()).toBe(0);
  });

  it('should count failures in a row only', () => {
    const { breaker, fail } = createBreaker();
    fail(4);
    breaker.acquire()?.succeed();
    fail(4);
    expect(breaker.state()).toBe('closed');
  });

  it('should let a single probe through after a minute, and close when it succeeds', async () => {
    const { breaker, fail, clock, changes } = createBreaker();
    fail(5);
    await clock.advance(60_000);
    expect(breaker.state()).toBe('half-open');
    const probe = breaker.acquire();
    expect(probe?.isProbe).toBe(true);
    expect(breaker.acquire()).toBeUndefined();
    probe?.succeed();
    expect(breaker.state()).toBe('closed');
    expect(breaker.failures()).toBe(0);
    expect(changes).toEqual(['opened', 'closed']);
  });

  it('should open for another minute when the probe fails', async () => {
    const { breaker, fail, clock } = createBreaker();
    fail(5);
    await clock.advance(60_000);
    breaker.acquire()?.fail();
    expect(breaker.acquire()).toBeUndefined();
    expect(breaker.retryInMs()).toBe(60_000);
  });

  it('should let another probe through when one was given up', async () => {
    const { breaker, fail, clock } = createBreaker();
    fail(5);
    await clock.advance(60_000);
    breaker.acquire()?.release();
    expect(breaker.acquire()?.isProbe).toBe(true);
  });

  it('should not close because of a call that began before it opened', () => {
    const { breaker, fail } = createBreaker();
    const early = breaker.acquire();
    fail(5);
    early?.succeed();
    expect(breaker.state()).toBe('open');
  });

  it('should never let two probes through at once, whatever happens', async () => {
    const actions = fc.array(fc.constantFrom('fail', 'succeed', 'release', 'hold', 'wait'), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(actions, async (steps) => {
        const { breaker, clock } = createBreaker();
        const held: { isProbe: boolean; succeed(): void }[] = [];
        for (const step of steps) {
          if (step === 'wait') await clock.advance(30_000);
          else {
            const permit = breaker.acquire();
            if (step === 'hold') {
              if (permit) held.push(permit);
            } else permit?.[step]();
          }
          expect(held.filter((permit) => permit.isProbe).length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 60 },
    );
  });
});
