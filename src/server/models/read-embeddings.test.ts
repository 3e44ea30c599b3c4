import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ModelError } from './model-error.ts';
import { readEmbeddings, toUnitVector } from './read-embeddings.ts';

const identity = { provider: 'openai', model: 'text-embedding-3-small' };
const read = (data: unknown, count = 2, dimension: number | undefined = 2) =>
  readEmbeddings({ data }, { identity, count, dimension });

describe('readEmbeddings', () => {
  it('should put the vectors in the order of the texts', () => {
    const data = [
      { index: 1, embedding: [0, 2] },
      { index: 0, embedding: [3, 0] },
    ];
    expect(read(data)).toEqual([Float32Array.of(1, 0), Float32Array.of(0, 1)]);
  });

  it('should take the order as it is from servers that do not number', () => {
    expect(read([{ embedding: [0, 2] }, { embedding: [3, 0] }])).toEqual([
      Float32Array.of(0, 1),
      Float32Array.of(1, 0),
    ]);
  });

  it.each([
    ['a vector too few', [{ index: 0, embedding: [1, 0] }]],
    [
      'the same number twice',
      [
        { index: 0, embedding: [1, 0] },
        { index: 0, embedding: [0, 1] },
      ],
    ],
    [
      'a number beyond the texts',
      [
        { index: 0, embedding: [1, 0] },
        { index: 2, embedding: [0, 1] },
      ],
    ],
    [
      'another dimension',
      [
        { index: 0, embedding: [1, 0] },
        { index: 1, embedding: [0, 1, 0] },
      ],
    ],
    [
      'zeros',
      [
        { index: 0, embedding: [1, 0] },
        { index: 1, embedding: [0, 0] },
      ],
    ],
    [
      'words',
      [
        { index: 0, embedding: [1, 0] },
        { index: 1, embedding: ['0', '1'] },
      ],
    ],
    ['nothing', null],
  ])('should refuse %s', (_, data) => {
    expect(() => read(data)).toThrow(ModelError);
  });

  it('should give vectors of length 1 or a ModelError for any JSON', () => {
    const entry = fc.oneof(
      fc.jsonValue(),
      fc.record({
        embedding: fc.oneof(fc.jsonValue(), fc.array(fc.double({ noNaN: true }), { maxLength: 4 })),
      }),
    );
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 3 }), (data) => {
        try {
          for (const vector of readEmbeddings(
            { data },
            { identity, count: data.length, dimension: undefined },
          )) {
            expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(ModelError);
        }
      }),
    );
  });
});

describe('toUnitVector', () => {
  it('should scale numbers whose squares are out of range', () => {
    expect(toUnitVector([3e200, 4e200])).toEqual(Float32Array.of(0.6, 0.8));
    expect(toUnitVector([3e-200, -4e-200])).toEqual(Float32Array.of(0.6, -0.8));
    expect(toUnitVector([Number.NaN])).toBeUndefined();
    expect(toUnitVector([])).toBeUndefined();
  });
});
