import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { costMicrosOf, priceOf } from './prices.ts';

const usage = { promptTokens: 1_000, completionTokens: 200, cachedTokens: 400, isReported: true };

describe('costMicrosOf', () => {
  it('should charge input, cached input and output at their prices', () => {
    expect(costMicrosOf('gpt-4o-mini', usage)).toBe(90 + 30 + 120);
  });

  it.each(['openai/gpt-4o-mini', 'gpt-4o-mini-2024-07-18', 'openai/gpt-4o-mini-2024-07-18'])(
    'should understand %s',
    (model) => {
      expect(costMicrosOf(model, usage)).toBe(costMicrosOf('gpt-4o-mini', usage));
    },
  );

  it('should know the version that costs more than its name', () => {
    expect(priceOf('gpt-4o-2024-05-13')?.input).toBe(5_000_000);
    expect(priceOf('gpt-4o-2024-08-06')).toBe(priceOf('gpt-4o'));
  });

  it('should charge nothing for excerpts and free variants, which it knows', () => {
    for (const model of ['extractive', 'meta-llama/llama-3.3-70b-instruct:free']) {
      expect(priceOf(model)).toBeDefined();
      expect(costMicrosOf(model, usage)).toBe(0);
    }
  });

  it.each(['llama3.2:3b', 'toString', 'gpt-4o-mini:online', ''])(
    'should charge nothing for %j, which it does not know',
    (model) => {
      expect(priceOf(model)).toBeUndefined();
      expect(costMicrosOf(model, usage)).toBe(0);
    },
  );

  it('should never charge less for fewer cached tokens', () => {
    const count = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(count, count, count, (promptTokens, completionTokens, cachedTokens) => {
        const cost = (cached: number) =>
          costMicrosOf('gpt-4.1', { promptTokens, completionTokens, cachedTokens: cached, isReported: true });
        expect(cost(0)).toBeGreaterThanOrEqual(cost(cachedTokens));
        expect(cost(cachedTokens)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
