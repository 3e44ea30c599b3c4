import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { analyseText, listTerms, loadAnalyser } from './analyse-text.ts';

describe('analyseText', () => {
  it('should fold case, width, ligatures and diacritics', () => {
    expect(listTerms('Ｃａｆé ŒUVRE Straße ﬁre')).toEqual(listTerms('cafe oeuvre strasse fire'));
    expect(listTerms('naïve')).toEqual(listTerms('nai\u0308ve'));
  });

  it('should find a hyphenated word by its parts and joined', () => {
    expect(listTerms('self-defence')).toEqual([...listTerms('self defence'), ...listTerms('selfdefence')]);
    const [first, second, joined] = analyseText('a well-known');
    expect([first?.position, second?.position, joined?.position]).toEqual([0, 1, 2]);
    expect(analyseText('well-known').map((token) => [token.start, token.end, token.isJoined])).toEqual([
      [0, 4, false],
      [5, 10, false],
      [0, 10, true],
    ]);
  });

  it('should read decimals, thousands, acronyms and possessives', () => {
    expect(listTerms('3.14 and 1,000 or 12,5')).toEqual(['3.14', '1000', '12,5']);
    expect(listTerms("U.S. Herman's don’t o'clock")).toEqual(['us', 'herman', 'oclock']);
  });

  it('should join British and American spelling and irregular forms', () => {
    expect(listTerms('colour organise centre travelling')).toEqual(
      listTerms('color organize center traveling'),
    );
    expect(listTerms('taught children slept')).toEqual(listTerms('teach child sleep'));
  });

  it('should keep stop words apart', () => {
    const tokens = analyseText('How do I begin to meditate?');
    expect(tokens.filter((token) => !token.isStopWord).map((token) => token.word)).toEqual([
      'begin',
      'meditate',
    ]);
    expect(listTerms('How do I begin to meditate?')).toEqual(['begin', 'medit']);
  });

  it('should cut unspaced scripts into pairs', () => {
    expect(listTerms('坐禅入門とは')).toEqual(['坐禅', '禅入', '入門', 'とは']);
    expect(listTerms('禅')).toEqual(['禅']);
  });

  it('should stem other languages', async () => {
    const german = await loadAnalyser('german');
    expect(german.listTerms('Häuser')).toEqual(german.listTerms('Hause'));
  });

  it('should give ranges that hold the word, in order, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (text) => {
        let last = 0;
        for (const token of analyseText(text).filter((token) => !token.isJoined)) {
          expect(token.start).toBeGreaterThanOrEqual(last);
          expect(token.end).toBeLessThanOrEqual(text.length);
          expect(token.end).toBeGreaterThan(token.start);
          last = token.start;
        }
      }),
    );
  });

  it('should give the same terms for composed and decomposed text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('é', 'ü', 'ñ', 'a', 'k', ' ', '-', "'", 'Å', 'ö'), { maxLength: 30 }),
        (letters) => {
          const text = letters.join('');
          expect(listTerms(text.normalize('NFD'))).toEqual(listTerms(text.normalize('NFC')));
        },
      ),
    );
  });
});
