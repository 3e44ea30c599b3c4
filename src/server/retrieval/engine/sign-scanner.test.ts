import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createSignScanner, packSigns } from './sign-scanner.ts';

describe('createSignScanner', () => {
  it('should count the signs that differ for vectors of any length and number', () => {
    const number = fc.constantFrom(-127, -1, 0, 1, 127);
    const input = fc.integer({ min: 1, max: 300 }).chain((dimension) => {
      const vector = fc.array(number, { minLength: dimension, maxLength: dimension });
      return fc.record({
        lists: fc.array(fc.array(vector, { maxLength: 5 }), { maxLength: 3 }),
        question: vector,
      });
    });
    fc.assert(
      fc.property(input, ({ lists, question }) => {
        const scanner = createSignScanner(question.length);
        scanner.load(lists.map((list) => packSigns(Int8Array.from(list.flat()), question.length)));
        const expected = lists.flat().map((vector) => {
          return vector.filter((value, at) => value > 0 !== (question[at] ?? 0) > 0).length;
        });
        expect([...scanner.countDifferences(Int32Array.from(question))]).toEqual(expected);
        expect([...scanner.countDifferences(Int32Array.from(question))]).toEqual(expected);
      }),
    );
  });

  it('should hold what was loaded last, also when the memory must grow', () => {
    const scanner = createSignScanner(64);
    scanner.load([packSigns(new Int8Array(64 * 10_000).fill(1), 64)]);
    expect(new Set(scanner.countDifferences(new Int32Array(64).fill(-1)))).toEqual(new Set([64]));
    scanner.load([packSigns(new Int8Array(64).fill(-1), 64)]);
    expect([...scanner.countDifferences(new Int32Array(64).fill(-1))]).toEqual([0]);
  });
});
