import { describe, expect, it } from 'vitest';

import { createManualClock } from '../../../test/manual-clock.ts';
import { createConcurrencyLimit } from './concurrency-limit.ts';

const never = new AbortController().signal;

function createLimit() {
  const clock = createManualClock();
  const limit = createConcurrencyLimit({ limit: 2, maximumQueued: 2, queueTimeoutMs: 5_000, clock });
  return { clock, limit };
}

describe('createConcurrencyLimit', () => {
  it('should admit up to the limit and queue the rest in order', async () => {
    const { limit } = createLimit();
    const first = await limit.acquire(never);
    await limit.acquire(never);
    const order: string[] = [];
    const third = limit.acquire(never).then((leave) => (order.push('third'), leave));
    const fourth = limit.acquire(never).then((leave) => (order.push('fourth'), leave));
    expect([limit.running(), limit.queued()]).toEqual([2, 2]);
    first?.();
    (await third)?.();
    (await fourth)?.();
    expect(order).toEqual(['third', 'fourth']);
    expect([limit.running(), limit.queued()]).toEqual([1, 0]);
  });

  it('should turn away whoever finds the queue full', async () => {
    const { limit, clock } = createLimit();
    await limit.acquire(never);
    await limit.acquire(never);
    const waiting = [limit.acquire(never), limit.acquire(never)];
    expect(await limit.acquire(never)).toBeUndefined();
    await clock.advance(5_000);
    expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
    expect(limit.queued()).toBe(0);
  });

  it('should forget one who stops waiting', async () => {
    const { limit, clock } = createLimit();
    const first = await limit.acquire(never);
    await limit.acquire(never);
    const controller = new AbortController();
    const waiting = limit.acquire(controller.signal);
    controller.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    first?.();
    expect([limit.running(), limit.queued(), clock.pendingTimers()]).toEqual([1, 0, 0]);
  });

  it('should count a place given back twice once', async () => {
    const { limit } = createLimit();
    const first = await limit.acquire(never);
    await limit.acquire(never);
    first?.();
    first?.();
    expect(limit.running()).toBe(1);
  });
});
