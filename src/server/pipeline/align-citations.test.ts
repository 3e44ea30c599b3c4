import { existsSync, readFileSync } from 'node:fs';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { buildPassage } from '../../../test/build-passages.ts';
import { alignCitations } from './align-citations.ts';
import { sufficientSupport } from './evidence/score-support.ts';

const bear = buildPassage({
  passageId: 7,
  title: 'Bella',
  text: 'Bella is a brown bear. She eats honey and apples in the morning. Bella does not climb trees.',
  locator: { start: 100, end: 193 },
});
const talk = buildPassage({
  passageId: 8,
  text: 'Count each breath from one to ten. When you get lost, go back to one.',
  locator: { start: 0, end: 70, start_second: 100, end_second: 120 },
  youtubeUrl: 'https://www.youtube.com/watch?v=abc&t=3',
});

function supportOf(sentence: string): number {
  return alignCitations(`${sentence} [1]`, [bear]).citations[0]?.support ?? 0;
}

describe('alignCitations', () => {
  it('should give a verbatim quote full support and its exact place in the document', () => {
    const { citations } = alignCitations('She eats honey and apples in the morning. [1]', [bear]);
    expect(citations).toEqual([
      {
        marker: 1,
        start: 0,
        end: 41,
        document_id: 7,
        passage_id: 7,
        locator: { start: 123, end: 164 },
        quote: 'She eats honey and apples in the morning.',
        support: 1,
      },
    ]);
  });

  it('should number sources by first use, drop unknown markers and list only what is cited', () => {
    const text = 'Count each breath from one to ten [2]. Bella is a brown bear. [1, 9] Nothing else [5].';
    const { content, sources } = alignCitations(text, [bear, talk]);
    expect(content).toBe('Count each breath from one to ten [1]. Bella is a brown bear. [2] Nothing else.');
    expect(sources.map((source) => [source.marker, source.passage_id])).toEqual([
      [1, 8],
      [2, 7],
    ]);
  });

  it('should take a marker after the full stop as one of the sentence before it', () => {
    const { citations, content } = alignCitations(
      'Bella is a brown bear. [1] Count each breath from one to ten. [2]',
      [bear, talk],
    );
    expect(citations.map(({ start, end, marker }) => [content.slice(start, end), marker])).toEqual([
      ['Bella is a brown bear.', 1],
      ['Count each breath from one to ten.', 2],
    ]);
  });

  it('should link an unmarked sentence with the cited passage that supports it, and leave others alone', () => {
    const text =
      'Bella is a brown bear. [1] She eats honey and apples in the morning. The moon is made of cheese.';
    expect(alignCitations(text, [bear]).citations.map((citation) => citation.support)).toEqual([1, 1]);
  });

  it('should give the second of the quote in a transcript, in the address too', () => {
    const [source] = alignCitations('When you get lost, go back to one. [1]', [talk]).sources;
    expect(source).toMatchObject({
      youtube_url: 'https://www.youtube.com/watch?v=abc&t=110s',
      timestamp: '1:50',
    });
  });

  it.each([
    ['Bella, a brown bear, eats apples and honey in the morning.', true],
    ['Bella does climb trees.', false],
    ['Bella is not a brown bear.', false],
    ['She eats honey and apples in the evening.', false],
    ['Olga is a brown bear.', false],
    ['Bella was sold to a circus in Vienna for a high price.', false],
  ])('should judge whether %j is supported: %s', (sentence, isSupported) => {
    expect(supportOf(sentence) >= sufficientSupport).toBe(isSupported);
  });

  it('should not take words cut out from under a negation for a quote', () => {
    const passage = buildPassage({ text: 'A restless hour does not mean that you are bad at meditation.' });
    const { citations } = alignCitations('You are bad at meditation. [1]', [passage]);
    expect(citations[0]?.support).toBeLessThan(sufficientSupport);
  });

  it('should keep offsets inside the content and markers consecutive for any text', () => {
    const piece = fc.constantFrom(
      'Bella is a brown bear',
      '. ',
      ' [1]',
      '[2]',
      ' [3, 1]',
      '[44]',
      '\n\n',
      '- ',
      '“',
      'né',
      '😀',
      '?',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
        const { content, citations, sources } = alignCitations(pieces.join(''), [bear, talk]);
        expect(sources.map((source) => source.marker)).toEqual(sources.map((_, index) => index + 1));
        const markers = [...content.matchAll(/\[(\d+)\]/gu)].map((match) => Number(match[1]));
        expect(markers.every((marker) => marker <= sources.length)).toBe(true);
        for (const { start, end, marker, quote, passage_id } of citations) {
          expect(start).toBeLessThan(end);
          expect(end).toBeLessThanOrEqual(content.length);
          expect(sources[marker - 1]?.passage_id).toBe(passage_id);
          expect((passage_id === 7 ? bear : talk).text).toContain(quote);
        }
      }),
    );
  });
});

describe.skipIf(!existsSync('eval/citations/pairs.jsonl'))('support on the labelled pairs', () => {
  type Pair = { passage: string; sentence: string; kind: string };
  const pairs = existsSync('eval/citations/pairs.jsonl')
    ? readFileSync('eval/citations/pairs.jsonl', 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Pair)
    : [];
  const shareSupported = (kind: string) => {
    const ofKind = pairs.filter((pair) => pair.kind === kind);
    const supported = ofKind.filter(({ passage, sentence }) => {
      const { citations } = alignCitations(`${sentence} [1]`, [buildPassage({ text: passage })]);
      return citations.every((citation) => citation.support >= sufficientSupport);
    });
    return supported.length / ofKind.length;
  };

  it.each(['supported', 'paraphrased'])('should support at least 95 %% of the %s sentences', (kind) => {
    expect(shareSupported(kind)).toBeGreaterThanOrEqual(0.95);
  });

  it.each([
    ['number_changed', 0.05],
    ['negated', 0.05],
    ['entity_swapped', 0.15],
    ['invented', 0.15],
  ])('should flag %s sentences', (kind, most) => {
    expect(shareSupported(kind)).toBeLessThanOrEqual(most);
  });
});
