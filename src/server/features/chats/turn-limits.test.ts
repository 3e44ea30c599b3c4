import { describe, expect, it } from 'vitest';

import { buildOutcome, openTurnStore } from '../../../../test/open-turn-store.ts';
import { costMicrosOf } from '../../models/prices.ts';
import { createTurnLimits } from './turn-limits.ts';
import { createTurnStore } from './turn-store.ts';

/** What a turn holds back for the short question of the fixture. */
const RESERVED = 8_001;
const off = { turnsPerUser: 0, tokensPerDay: 0, costMicrosPerDay: 0 };

async function openLimited(limits: Partial<typeof off>, model: string | null = 'gpt-4o') {
  const fixture = await openTurnStore();
  const now = fixture.clock.now;
  const turns = createTurnStore({
    database: fixture.database,
    instanceId: 'limited',
    now,
    leaseMs: 15_000,
    limits: createTurnLimits({
      limits: { ...off, ...limits },
      model: model ?? undefined,
      costOf: costMicrosOf,
      now,
    }),
  });
  const askMany = async (count: number, userId = fixture.anna) => {
    const results = await Promise.allSettled(
      Array.from({ length: count }, () => turns.start({ ...fixture.start, chatId: null, userId })),
    );
    return {
      started: results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
      errors: results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : [])),
    };
  };
  const finish = async (started: Awaited<ReturnType<typeof turns.start>>, promptTokens: number) => {
    const turn = { ...started, userId: fixture.anna };
    const usage = { promptTokens, completionTokens: 0, cachedTokens: 0, isReported: true };
    const outcome = buildOutcome({ usage, model: 'gpt-4o', costMicros: costMicrosOf('gpt-4o', usage) });
    await turns.finish({ ...fixture.finishOf(turn), outcome, events: [] });
  };
  return { ...fixture, turns, askMany, finish };
}

describe('tokens a day', () => {
  it('should never be exceeded by 100 questions at once', async () => {
    const { askMany, finish } = await openLimited({ tokensPerDay: 5 * RESERVED });
    const { started, errors } = await askMany(100);
    expect(started).toHaveLength(5);
    expect(errors).toHaveLength(95);
    for (const turn of started) await finish(turn, RESERVED);
    expect((await askMany(20)).started).toEqual([]);
  });

  it('should give back what a turn did not use', async () => {
    const { askMany, finish } = await openLimited({ tokensPerDay: 3 * RESERVED });
    let used = 0;
    for (const turn of (await askMany(10)).started) {
      await finish(turn, 100);
      used += 100;
    }
    const { started, errors } = await askMany(10);
    expect(started).toHaveLength(2);
    expect(errors[0]).toMatchObject({
      code: 'quota_exceeded',
      status: 429,
      limit: { limit: 3 * RESERVED, remaining: 3 * RESERVED - used - 2 * RESERVED },
    });
  });

  it('should begin anew at midnight UTC, and say when that is', async () => {
    const { askMany, finish, clock } = await openLimited({ tokensPerDay: RESERVED });
    for (const turn of (await askMany(1)).started) await finish(turn, RESERVED);
    const { errors } = await askMany(1);
    expect(errors[0]).toMatchObject({ retryAfterSeconds: 12 * 3_600 });
    clock.advance(12 * 3_600_000);
    expect((await askMany(1)).started).toHaveLength(1);
  });

  it('should be counted for each person alone, and not where no model answers', async () => {
    const { askMany, ben } = await openLimited({ tokensPerDay: RESERVED });
    expect((await askMany(3)).started).toHaveLength(1);
    expect((await askMany(3, ben)).started).toHaveLength(1);
    const excerpts = await openLimited({ tokensPerDay: 1 }, null);
    expect((await excerpts.askMany(3)).errors).toEqual([]);
  });
});

describe('dollars a day', () => {
  it('should bound what a persona costs, whoever asks', async () => {
    const cost = costMicrosOf('gpt-4o', {
      promptTokens: RESERVED - 1_000,
      completionTokens: 1_000,
      cachedTokens: 0,
      isReported: false,
    });
    const { askMany, ben } = await openLimited({ costMicrosPerDay: 3 * cost });
    expect((await askMany(2)).started).toHaveLength(2);
    const others = await askMany(5, ben);
    expect(others.started).toHaveLength(1);
    expect(others.errors[0]).toMatchObject({ code: 'quota_exceeded', limit: undefined });
  });
});

describe('answers at once', () => {
  it('should be bounded for each person', async () => {
    const { askMany, finish, ben } = await openLimited({ turnsPerUser: 4 });
    const { started, errors } = await askMany(30);
    expect(started).toHaveLength(4);
    expect(errors[0]).toMatchObject({ code: 'rate_limited', retryAfterSeconds: 2, limit: { limit: 4 } });
    expect((await askMany(4, ben)).errors).toEqual([]);
    if (started[0]) await finish(started[0], 1);
    expect((await askMany(3)).started).toHaveLength(1);
  });
});
