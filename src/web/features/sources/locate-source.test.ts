import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Passage } from '../../../shared/documents.ts';
import { bestCitation, findQuote, passageInContext } from './locate-source.ts';

function passagesOf(text: string, cuts: [start: number, end: number][]): Passage[] {
  return cuts.map(([start, end], position) => ({
    id: position + 1,
    document_id: 1,
    version: 1,
    position,
    text: text.slice(start, end),
    locator: { start, end },
  }));
}

describe('findQuote', () => {
  it('should find a quote over other white space and other quotation marks', () => {
    const text = 'He said:\n“Sit   down.” Then he sat.';
    const found = findQuote(text, 'said: "Sit down."');
    expect(found && text.slice(found.start, found.end)).toBe('said:\n“Sit   down.”');
  });

  it('should say when the words are not there', () => {
    expect(findQuote('Sit down.', 'Stand up.')).toBeNull();
    expect(findQuote('Sit down.', '  ')).toBeNull();
  });

  it('should find any words of any text where they stand', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.nat(), fc.nat(), (text, from, size) => {
        const start = from % (text.length + 1);
        const quote = text.slice(start, start + (size % 30)).trim();
        const found = findQuote(text, quote);
        if (quote === '') expect(found).toBeNull();
        else expect(found && text.slice(found.start, found.end)).toBe(quote);
      }),
    );
  });
});

describe('passageInContext', () => {
  const text = 'The gate is open. Sit down here. Breathe out slowly. Then stand up. Bow to the room.';

  it('should show the passage between its neighbours without repeating what they share', () => {
    const passages = passagesOf(text, [
      [0, 33],
      [18, 53],
      [33, 68],
      [68, 84],
    ]);
    const pieces = passageInContext({ passages, source: { passage_id: 2, quote: 'Breathe out' }, reach: 1 });
    expect(pieces.map((piece) => piece.text)).toEqual([
      'The gate is open. ',
      'Sit down here. Breathe out slowly. ',
      'Then stand up. ',
    ]);
    expect(pieces.map(({ isCited }) => isCited)).toEqual([false, true, false]);
  });

  it('should find the passage by its words when its id is gone, and nothing when both are', () => {
    const passages = passagesOf(text, [
      [0, 33],
      [33, 84],
    ]);
    const pieces = passageInContext({
      passages,
      source: { passage_id: 99, quote: 'Then stand up.' },
      reach: 0,
    });
    expect(pieces).toMatchObject([{ id: 2, isCited: true }]);
    expect(passageInContext({ passages, source: { passage_id: 99, quote: 'gone' }, reach: 3 })).toEqual([]);
  });

  it('should give back the text of the document whatever the overlap', () => {
    const widths = fc.array(fc.tuple(fc.integer({ min: 5, max: 20 }), fc.nat(4)), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(widths, fc.nat(), (parts, chosen) => {
        let start = 0;
        const cuts = parts.map(([width, shared]): [number, number] => {
          const cut: [number, number] = [start, Math.min(text.length, start + width)];
          start = Math.max(cut[0] + 1, cut[1] - shared);
          return cut;
        });
        const passages = passagesOf(
          text,
          cuts.filter(([from, end]) => end - from > 4),
        );
        const cited = passages[chosen % passages.length];
        const source = { passage_id: cited?.id ?? 0, quote: '' };
        const pieces = passageInContext({ passages, source, reach: passages.length });
        expect(pieces.map((piece) => piece.text).join('')).toBe(text.slice(0, passages.at(-1)?.locator.end));
      }),
    );
  });
});

describe('bestCitation', () => {
  it('should be the best supported one of a marker', () => {
    const base = {
      start: 0,
      end: 1,
      document_id: 1,
      passage_id: 1,
      locator: { start: 0, end: 1 },
      quote: '',
    };
    const citations = [
      { ...base, marker: 1, support: 0.2 },
      { ...base, marker: 1, support: 0.9 },
      { ...base, marker: 2, support: 1 },
    ];
    expect(bestCitation(citations, 1)?.support).toBe(0.9);
    expect(bestCitation(citations, 3)).toBeUndefined();
  });
});
