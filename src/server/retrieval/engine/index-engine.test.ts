import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { loadAnalyser } from '../analyse-text.ts';
import type { IndexablePassage } from '../passage-index.ts';
import { decodeSegment } from './decode-segment.ts';
import { createIndexEngine } from './index-engine.ts';
import { defaultRanking } from './ranking-parameters.ts';
import { createSegmentBuilder } from './segment-builder.ts';

const analyser = await loadAnalyser('english');
const plain = { feedbackTerms: 0, proximityWeight: 0 };
const words = [
  'breath',
  'mountain',
  'river',
  'tea',
  'bell',
  'crane',
  'iron',
  'rice',
  'self-defence',
  'lotus',
];

function build(passages: readonly IndexablePassage[], dimension = 0): Uint8Array {
  const builder = createSegmentBuilder({ analyser, dimension });
  for (const passage of passages) builder.add(passage);
  return builder.finish();
}

const passagesOf = (texts: readonly string[]): IndexablePassage[] =>
  texts.map((text, at) => ({
    id: at + 1,
    documentId: at + 1,
    namespace: at % 3 === 0 ? 'zoo' : 'dojo',
    title: at % 4 === 0 ? 'River and tea' : '',
    headingPath: [],
    text,
  }));

const text = fc
  .array(fc.constantFrom(...words), { minLength: 1, maxLength: 12 })
  .map((list) => list.join(' '));
const texts = fc.array(text, { minLength: 1, maxLength: 30 });

/** BM25F by its definition, passage by passage. */
function scoreByDefinition(passages: readonly IndexablePassage[], question: string): Map<number, number> {
  const { saturation, lengthNormalisation, titleWeight } = defaultRanking;
  const read = passages.map((passage) => ({
    id: passage.id,
    title: analyser.listTerms(passage.title),
    text: analyser.listTerms(passage.text),
  }));
  const average = read.reduce((sum, { text }) => sum + text.length, 0) / read.length || 1;
  const scores = new Map<number, number>();
  for (const term of new Set(analyser.listTerms(question))) {
    const holders = read.filter(({ title, text }) => title.includes(term) || text.includes(term));
    const idf = Math.log(1 + (read.length - holders.length + 0.5) / (holders.length + 0.5));
    for (const { id, title, text } of holders) {
      const count = (list: readonly string[]) => list.filter((word) => word === term).length;
      const norm = 1 - lengthNormalisation + (lengthNormalisation * text.length) / average;
      const frequency = count(text) / norm + titleWeight * count(title);
      const score = (idf * frequency * (saturation + 1)) / (frequency + saturation);
      scores.set(id, (scores.get(id) ?? 0) + score);
    }
  }
  return scores;
}

describe('createIndexEngine', () => {
  it('should score every passage as BM25F is defined, over one segment or many, deleted ones gone', () => {
    fc.assert(
      fc.property(texts, text, fc.integer({ min: 1, max: 5 }), (list, question, step) => {
        const passages = passagesOf(list);
        const removed = passages.filter(({ id }) => id % 4 === 0).map(({ id }) => id);
        const engine = createIndexEngine({ analyser, parameters: plain });
        for (let start = 0; start < passages.length; start += step) {
          engine.load(start + 1, build(passages.slice(start, start + step)));
        }
        engine.markDeleted(removed);
        const visible = passages.filter(({ id, namespace }) => namespace === 'dojo' && !removed.includes(id));
        const expected = scoreByDefinition(visible, question);
        const { candidates } = engine.search({ text: question, namespaces: ['dojo'], limit: 100 });
        const ids = (list: Iterable<number>) => [...list].sort((left, right) => left - right);
        expect(ids(candidates.map(({ passageId }) => passageId))).toEqual(ids(expected.keys()));
        for (const { passageId, score } of candidates)
          expect(score).toBeCloseTo(expected.get(passageId) ?? 0, 3);
      }),
    );
  });

  it('should search as if other namespaces did not exist', () => {
    fc.assert(
      fc.property(texts, text, (list, question) => {
        const passages = passagesOf(list);
        const query = { text: question, namespaces: ['dojo'], limit: 100 };
        const mixed = createIndexEngine({ analyser });
        mixed.load(1, build(passages));
        const alone = createIndexEngine({ analyser });
        alone.load(1, build(passages.filter(({ namespace }) => namespace === 'dojo')));
        const found = mixed.search(query);
        const other = alone.search(query);
        expect(found).toEqual(other);
      }),
    );
  });

  it('should give equal bytes and answers when segments are merged', () => {
    fc.assert(
      fc.property(texts, text, (list, question) => {
        const passages = passagesOf(list);
        const half = Math.ceil(passages.length / 2);
        const parts = [build(passages.slice(0, half)), build(passages.slice(half))];
        const builder = createSegmentBuilder({ analyser, dimension: 0 });
        for (const part of parts) {
          const segment = decodeSegment(part);
          for (let local = 0; local < segment.passageCount; local += 1) builder.copy(segment, local);
        }
        const merged = builder.finish();
        expect(merged).toEqual(build(passages));
        const split = createIndexEngine({ analyser });
        for (const [at, part] of parts.entries()) split.load(at + 1, part);
        const whole = createIndexEngine({ analyser });
        whole.load(1, merged);
        const query = { text: question, namespaces: ['dojo', 'zoo'], limit: 5 };
        expect(whole.search(query).terms).toEqual(split.search(query).terms);
      }),
    );
  });

  it('should put passages where the words of the question stand together first', () => {
    const engine = createIndexEngine({ analyser });
    engine.load(
      1,
      build(
        passagesOf([
          'filler',
          'The iron was hot, the shirt was blue and the palm was far away.',
          'The iron palm was far away, the shirt was blue and the day hot.',
        ]),
      ),
    );
    const { candidates } = engine.search({ text: 'iron palm', namespaces: ['dojo'], limit: 2 });
    expect(candidates.map(({ passageId }) => passageId)).toEqual([3, 2]);
  });
});

describe('decodeSegment', () => {
  it('should refuse bytes with any bit changed or missing', () => {
    const bytes = build(passagesOf(['iron palm', 'crane and tea', 'self-defence']));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const damaged = bytes.slice();
        damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
        expect(() => decodeSegment(damaged)).toThrow('wwhd reindex');
        expect(() => decodeSegment(bytes.subarray(0, at))).toThrow('wwhd reindex');
      }),
    );
  });

  it('should refuse any other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => decodeSegment(bytes)).toThrow('wwhd reindex');
      }),
    );
  });
});
