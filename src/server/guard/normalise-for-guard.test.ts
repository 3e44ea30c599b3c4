import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { normaliseForGuard } from './normalise-for-guard.ts';

describe('normaliseForGuard', () => {
  it.each([
    ['i want to k i l l myself', 'i want to kill myself'],
    ['k i l l m y s e l f', 'kill myself'],
    ['s.u.i.c.i.d.e', 'suicide'],
    ['su1cide', 'suicide'],
    ['h0w t0 h4ck a b4nk', 'how to hack a bank'],
    ['k!ll m*self', 'kill myself'],
    ['ı wаnt to dіе', 'i want to die'],
    ['ＫＩＬＬ 𝓴𝓲𝓵𝓵', 'kill kill'],
    ['ki\u200bll', 'kill'],
    ['I waaant to dieeee', 'i want to die'],
    ["I can't go on", 'i can not go on'],
    ["don't wanna live", 'do not want to live'],
    ['🔪 my ex', 'knife my ex'],
  ])('should read %j as %j', (text, expected) => {
    expect(normaliseForGuard(text)).toBe(expected);
  });

  it('should leave ordinary numbers, vitamins and other scripts alone', () => {
    expect(normaliseForGuard('vitamin B12, my 401k and the 2nd lesson')).toBe(
      'vitamin b12 , my 401k and the 2nd lesson',
    );
    expect(normaliseForGuard('Я хочу умереть')).toBe('я хочу умереть');
  });

  it('should give the same text when read twice and never throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const once = normaliseForGuard(text);
        expect(once).not.toMatch(/ {2}|^ | $|[A-Z]/u);
      }),
    );
  });

  it('should not be misled by invisible characters anywhere in a word', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 6 }),
        fc.constantFrom('\u200b', '\u200d', '\u2060', '\u00ad'),
        (position, hidden) => {
          const word = `${'suicide'.slice(0, position)}${hidden}${'suicide'.slice(position)}`;
          expect(normaliseForGuard(word)).toBe('suicide');
        },
      ),
    );
  });
});
