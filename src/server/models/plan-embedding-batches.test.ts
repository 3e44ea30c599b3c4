import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { estimateTokens, planEmbeddingBatches } from './plan-embedding-batches.ts';

const total = (texts: readonly string[]) => texts.reduce((sum, text) => sum + estimateTokens(text), 0);

describe('planEmbeddingBatches', () => {
  it('should keep the order, lose nothing, and keep to 64 texts and 8,000 tokens', () => {
    const texts = fc.array(
      fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 0, max: 40_000 }).map((length) => 'word '.repeat(length / 5)),
      ),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(texts, (list) => {
        const batches = planEmbeddingBatches(list);
        expect(batches.flat()).toEqual(list);
        for (const batch of batches) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(64);
          expect(batch.length === 1 || total(batch) <= 8_000).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('should fill the batches', () => {
    expect(
      planEmbeddingBatches(Array.from({ length: 130 }, () => 'word')).map((batch) => batch.length),
    ).toEqual([64, 64, 2]);
    expect(
      planEmbeddingBatches(Array.from({ length: 3 }, () => 'x'.repeat(16_000))).map((batch) => batch.length),
    ).toEqual([2, 1]);
    expect(planEmbeddingBatches([])).toEqual([]);
  });

  it('should take a character of other scripts for a token', () => {
    expect(estimateTokens('呼吸')).toBe(2);
    expect(estimateTokens('breathe!')).toBe(2);
    expect(estimateTokens('')).toBe(0);
  });
});
