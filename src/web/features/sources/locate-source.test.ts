import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Source } from '../../../shared/messages.ts';
import type { Passage } from '../../../shared/documents.ts';
import { citationAt, findQuote, formatTime, passageInContext, sourceOfCitation } from './locate-source.ts';

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

describe('citationAt', () => {
  const base = { start: 0, end: 9, document_id: 1, passage_id: 1, locator: { start: 0, end: 1 }, quote: '' };
  const citations = [
    { ...base, marker: 1, support: 0.2, quote: 'first' },
    { ...base, marker: 1, support: 0.9, quote: 'second', start: 20, end: 30 },
    { ...base, marker: 2, support: 1, start: 40, end: 50 },
  ];

  it('should be the one whose sentence the marker follows', () => {
    expect(citationAt(citations, 1, 10)?.quote).toBe('first');
    expect(citationAt(citations, 1, 31)?.quote).toBe('second');
  });

  it('should be the best supported one where no sentence is meant', () => {
    expect(citationAt(citations, 1)?.quote).toBe('second');
    expect(citationAt(citations, 2, 0)?.marker).toBe(2);
    expect(citationAt(citations, 3)).toBeUndefined();
  });
});

describe('sourceOfCitation', () => {
  const source: Source = {
    marker: 1,
    title: 'Talk',
    url: null,
    youtube_url: 'https://www.youtube.com/watch?v=a&t=4s',
    timestamp: '0:04',
    page: null,
    document_id: 1,
    version: 1,
    passage_id: 1,
    namespace: 'money',
    quote: 'the whole',
    score: 1,
  };
  const citation = {
    marker: 1,
    start: 0,
    end: 1,
    document_id: 1,
    passage_id: 2,
    quote: 'these words',
    support: 1,
  };

  it('should point at the moment and the words of the citation', () => {
    const locator = { start: 0, end: 1, start_second: 75.6 };
    expect(sourceOfCitation(source, { ...citation, locator })).toMatchObject({
      passage_id: 2,
      quote: 'these words',
      timestamp: '1:15',
      youtube_url: 'https://www.youtube.com/watch?v=a&t=75s',
    });
  });

  it('should point at the page of the citation and keep what it does not know', () => {
    const locator = { start: 0, end: 1, page: 3 };
    expect(sourceOfCitation(source, { ...citation, locator })).toMatchObject({ page: 3, timestamp: '0:04' });
    expect(sourceOfCitation(source, undefined)).toBe(source);
  });
});

describe('formatTime', () => {
  it('should write minutes, and hours only when there are any', () => {
    expect([0, 5, 65, 599.9, 3600, 36_125].map(formatTime)).toEqual([
      '0:00',
      '0:05',
      '1:05',
      '9:59',
      '1:00:00',
      '10:02:05',
    ]);
  });
});
