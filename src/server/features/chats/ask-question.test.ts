import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { titleOf } from './ask-question.ts';

describe('titleOf', () => {
  it('should be the question when it is short, on one line', () => {
    expect(titleOf('  How hot\n\nis  tea? ')).toBe('How hot is tea?');
  });

  it('should end at a word where it can', () => {
    const title = titleOf(`How hot should the water be for ${'very '.repeat(20)}green tea?`);
    expect(title).toMatch(/^How hot .* very…$/);
  });

  it('should not cut a character in two', () => {
    for (const start of ['', 'a']) expect(titleOf(`${start}${'🌿'.repeat(60)}`).isWellFormed()).toBe(true);
  });

  it('should be short, on one line and whole characters, whatever was asked', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (question) => {
        const title = titleOf(question);
        expect(title.length).toBeLessThanOrEqual(61);
        expect(title).not.toMatch(/[\r\n]/);
        expect(title.isWellFormed()).toBe(true);
      }),
    );
  });
});
