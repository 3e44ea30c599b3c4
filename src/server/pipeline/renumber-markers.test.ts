import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createMarkerRenumbering } from './renumber-markers.ts';

function renumber(parts: readonly string[], passageCount: number) {
  const renumbering = createMarkerRenumbering(passageCount);
  const text = parts.map((part) => renumbering.push(part)).join('') + renumbering.end();
  return { text, order: renumbering.order() };
}

describe('createMarkerRenumbering', () => {
  it.each([
    ['should number by first use', 'One [3]. Two [1]. Three [3].', 'One [1]. Two [2]. Three [1].', [3, 1]],
    ['should split lists', 'One [2, 1]. Two [1;2].', 'One [1] [2]. Two [2] [1].', [2, 1]],
    ['should drop what points nowhere', 'One [9]. Two [0] and [2, 7].', 'One. Two and [1].', [2]],
    ['should keep line breaks of dropped markers', 'One\n[9] two', 'One\n two', []],
    ['should leave other brackets', 'In [2024] and [a] and [1', 'In [2024] and [a] and [1', []],
    ['should drop leading space', '  \n[9] Hello', 'Hello', []],
  ])('%s', (...[, text, expected, order]) => {
    expect(renumber([text], 3)).toEqual({ text: expected, order });
  });

  it.each(['[[9]1]', '[1[9]]', '[1,[9]2]', '[1[[9]9],2]'])(
    'should make no marker out of %s by taking one out',
    (soup) => {
      const { text, order } = renumber([soup], 2);
      for (const [, number] of text.matchAll(/\[(\d{1,3})\]/g))
        expect(Number(number)).toBeLessThanOrEqual(order.length);
    },
  );

  const soup = fc
    .array(
      fc.constantFrom(
        '[',
        ']',
        '1',
        '2',
        '3',
        '12',
        '9',
        ',',
        ';',
        ' ',
        '\n',
        'a',
        'Words. ',
        '[1]',
        '[2, 3]',
        '[9]',
        '((',
        '['.repeat(3),
      ),
      { maxLength: 60 },
    )
    .map((parts) => parts.join(''));

  it('should give the same text however it is cut', () => {
    fc.assert(
      fc.property(soup, fc.array(fc.nat(200), { maxLength: 30 }), (text, cuts) => {
        const places = [
          0,
          ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b),
          text.length,
        ];
        const parts = places.slice(1).map((place, index) => text.slice(places[index], place));
        expect(renumber(parts, 3)).toEqual(renumber([text], 3));
        expect(renumber(text.split(''), 3)).toEqual(renumber([text], 3));
      }),
      { numRuns: 500 },
    );
  });

  it('should leave only markers of passages that were cited, in the order of first use', () => {
    fc.assert(
      fc.property(soup, (text) => {
        const { text: result, order } = renumber(text.split(''), 3);
        const markers = [...result.matchAll(/\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]/g)].map((match) => match[1]);
        const firstUses = [...new Set(markers)];
        expect(firstUses).toEqual(order.map((_, index) => String(index + 1)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('should read a long run of spaces once', () => {
    const spaces = ' '.repeat(200_000);
    expect(renumber([`a${spaces}b`, spaces, '[1]'], 3).order).toEqual([1]);
  });
});
