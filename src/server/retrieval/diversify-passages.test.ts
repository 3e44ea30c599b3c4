import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { diversifyPassages } from './diversify-passages.ts';

const text = 'Sit on the edge of a cushion and let the spine rise like a stack of coins.';

describe('diversifyPassages', () => {
  it('should leave out a passage that repeats a better one', () => {
    const ranked = [
      { documentId: 1, text },
      { documentId: 2, text: `${text.toUpperCase()} Breathe.` },
      { documentId: 3, text: 'Wash the rice three times before it is cooked.' },
    ];
    expect(diversifyPassages(ranked, { limit: 10 }).map(({ documentId }) => documentId)).toEqual([1, 3]);
  });

  it('should keep neighbours that only overlap', () => {
    const other =
      'Then count every breath from one to ten without hurry and begin again when you lose the number.';
    const ranked = [
      { documentId: 1, text: `${text} ${other}` },
      {
        documentId: 1,
        text: `${other} At the end bow and thank the cushion, the hall and those who sat beside you today.`,
      },
    ];
    expect(diversifyPassages(ranked, { limit: 10 })).toHaveLength(2);
  });

  it('should keep at most three passages of a document, in order, without repeats, for any ranking', () => {
    const passage = fc.record({
      documentId: fc.integer({ min: 1, max: 3 }),
      text: fc
        .array(fc.constantFrom('a1', 'b2', 'c3', 'd4', 'e5'), { maxLength: 8 })
        .map((words) => words.join(' ')),
    });
    fc.assert(
      fc.property(fc.array(passage, { maxLength: 20 }), fc.integer({ min: 0, max: 12 }), (ranked, limit) => {
        const kept = diversifyPassages(ranked, { limit });
        expect(kept.length).toBeLessThanOrEqual(limit);
        expect(ranked.filter((candidate) => kept.includes(candidate))).toEqual(kept);
        expect(new Set(kept.map((candidate) => candidate.text)).size).toBe(kept.length);
        for (const id of [1, 2, 3]) {
          expect(kept.filter(({ documentId }) => documentId === id).length).toBeLessThanOrEqual(3);
        }
      }),
    );
  });
});
