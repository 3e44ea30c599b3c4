import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { ParsedDocument, TextBlock } from '../ingestion/parsed-document.ts';
import { splitPassages } from './split-passages.ts';

type Piece = Omit<TextBlock, 'start' | 'end'> & { text: string };

/** A document whose blocks are the pieces, parted by a blank line or, for lines and cues, a line break. */
function documentOf(pieces: readonly Piece[]): ParsedDocument {
  let text = '';
  const blocks: TextBlock[] = [];
  for (const { text: content, ...place } of pieces) {
    if (text !== '') text += place.kind === 'line' || place.kind === 'cue' ? '\n' : '\n\n';
    const start = text.length;
    text += content;
    blocks.push({ ...place, start, end: text.length });
  }
  return { format: 'text', text, blocks, warnings: [] };
}

const sentences = (count: number, topic: string) =>
  Array.from(
    { length: count },
    (_, at) => `Sentence ${at + 1} speaks of ${topic} at a quiet and steady length.`,
  ).join(' ');

describe('splitPassages', () => {
  it('should cut long prose near the target at sentence ends and repeat some of it', () => {
    const document = documentOf([{ kind: 'prose', text: sentences(120, 'patience') }]);
    const passages = splitPassages(document);
    for (const { text } of passages) {
      expect(text).toMatch(/^Sentence .*\.$/su);
      expect(text.length).toBeGreaterThan(1_200);
      expect(text.length).toBeLessThanOrEqual(1_800);
    }
    for (const [index, passage] of passages.slice(1).entries()) {
      const overlap = (passages[index]?.locator.end ?? 0) - passage.locator.start;
      expect(overlap).toBeGreaterThan(100);
      expect(overlap).toBeLessThanOrEqual(250);
    }
  });

  it('should begin passages at headings and name their path', () => {
    const document = documentOf([
      { kind: 'heading', text: 'Herman', headingPath: ['Herman'] },
      { kind: 'heading', text: 'Breath', headingPath: ['Herman', 'Breath'] },
      { kind: 'prose', text: sentences(4, 'breath'), headingPath: ['Herman', 'Breath'] },
      { kind: 'heading', text: 'Posture', headingPath: ['Herman', 'Posture'] },
      { kind: 'prose', text: sentences(4, 'posture'), headingPath: ['Herman', 'Posture'] },
    ]);
    const passages = splitPassages(document);
    expect(passages.map(({ text }) => text.split('\n')[0])).toEqual(['Herman', 'Posture']);
    expect(passages.map(({ locator }) => locator.heading_path)).toEqual([
      ['Herman', 'Breath'],
      ['Herman', 'Posture'],
    ]);
  });

  it('should keep passages on one page with the box around their lines', () => {
    const line = (page: number, at: number): Piece => ({
      kind: 'line',
      text: `The line number ${at} of page ${page} goes on for a while.`,
      page,
      box: [50, at * 10, 200 + at, at * 10 + 9],
    });
    const document = documentOf([
      ...[0, 1, 2, 3].map((at) => line(1, at)),
      ...[0, 1, 2].map((at) => line(2, at)),
    ]);
    const passages = splitPassages(document);
    expect(passages.map(({ locator }) => [locator.page, locator.box])).toEqual([
      [1, [50, 0, 203, 39]],
      [2, [50, 0, 202, 29]],
    ]);
  });

  it('should give a recording the seconds of what was said, and sentences across cues', () => {
    const document = documentOf(
      Array.from({ length: 90 }, (_, at) => ({
        kind: 'cue' as const,
        text:
          at % 2 === 0 ? `We begin with movement number ${at} and we` : 'let the shoulders fall down slowly.',
        startSecond: at * 4,
        endSecond: at * 4 + 4,
      })),
    );
    const passages = splitPassages(document);
    expect(passages.length).toBeGreaterThan(1);
    expect(passages[0]?.locator).toMatchObject({ start_second: 0 });
    expect(passages.at(-1)?.locator).toMatchObject({ end_second: 360 });
    for (const { text } of passages) expect(text).toMatch(/^We begin .*slowly\.$/su);
  });

  it('should keep pairs whole and alone', () => {
    const long = `Why?\n${sentences(60, 'reasons')}`;
    const document = documentOf([
      { kind: 'pair', text: 'Is tea allowed?\nYes.' },
      { kind: 'pair', text: long },
      { kind: 'pair', text: 'Is coffee allowed?\nBefore noon.' },
    ]);
    expect(splitPassages(document).map(({ text }) => text)).toEqual([
      'Is tea allowed?\nYes.',
      long,
      'Is coffee allowed?\nBefore noon.',
    ]);
  });

  it('should cut a text without any sentence end', () => {
    const passages = splitPassages(documentOf([{ kind: 'prose', text: 'word '.repeat(1_500).trim() }]));
    for (const { text } of passages) {
      expect(text.length).toBeLessThanOrEqual(2_000);
      expect(text).toMatch(/^word.*word$/su);
    }
  });

  it('should answer nothing for an empty document', () => {
    expect(splitPassages(documentOf([{ kind: 'prose', text: ' \n ' }]))).toEqual([]);
  });

  it('should give exact ranges in bounds that hold every visible character, for any document', () => {
    const word = fc.constantFrom(
      'a',
      'breath',
      'Dr.',
      'mountain.',
      'Why?',
      '3.5',
      '…',
      'Antidisestablishmentarianism',
      '坐禅。',
      '🙂',
      'x'.repeat(900),
    );
    const content = fc.array(word, { minLength: 1, maxLength: 120 }).map((words) => words.join(' '));
    const kind = fc.constantFrom('prose', 'heading', 'list', 'table', 'code', 'cue', 'line');
    const piece: fc.Arbitrary<Piece> = fc.record(
      {
        kind,
        text: content,
        page: fc.integer({ min: 1, max: 3 }),
        headingPath: fc.constantFrom(['A'], ['A', 'B']),
      },
      { requiredKeys: ['kind', 'text'] },
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 12 }), (pieces) => {
        const document = documentOf(pieces);
        const passages = splitPassages(document);
        let covered = 0;
        for (const { text, locator } of passages) {
          expect(document.text.slice(locator.start, locator.end)).toBe(text);
          expect(text.length).toBeLessThanOrEqual(2_000);
          expect(text.length).toBeGreaterThanOrEqual(Math.min(100, document.text.trim().length));
          expect(document.text.slice(covered, locator.start).trim()).toBe('');
          covered = Math.max(covered, locator.end);
        }
        expect(document.text.slice(covered).trim()).toBe('');
      }),
      { numRuns: 300 },
    );
  });
});
