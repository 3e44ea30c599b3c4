import { beforeAll, describe, expect, it } from 'vitest';

import type { EmbeddingModel } from '../models/embedding-model.ts';
import { loadAnalyser } from '../retrieval/analyse-text.ts';
import { createIndexEngine, type IndexEngine } from '../retrieval/engine/index-engine.ts';
import { createSegmentBuilder } from '../retrieval/engine/segment-builder.ts';
import { readEvidence } from './evidence/read-evidence.ts';
import { judgeEvidence } from './judge-evidence.ts';
import { retrieve } from './retrieve.ts';

const dimension = 8;
/** Meanings are axes: texts of one meaning point the same way, texts of different meanings stand at right angles. */
const passages = [
  { id: 1, namespace: 'care', text: 'The feline rests beside the hearth each evening.', axis: 0 },
  { id: 2, namespace: 'care', text: 'Water the tomato plants before noon.', axis: 1 },
  { id: 3, namespace: 'tools', text: 'Oil the hinges of the gate in spring.', axis: 2 },
  { id: 4, namespace: 'secret', text: 'The feline of the neighbours rests upstairs.', axis: 0 },
];
const question = 'Where does my kitty nap?';
const model: EmbeddingModel = {
  id: 'axes',
  dimension,
  embed: (texts) => Promise.resolve(texts.map((text) => unit(text === question ? 0 : 7))),
};
let engine: IndexEngine;

function unit(axis: number): Float32Array {
  const vector = new Float32Array(dimension);
  vector[axis] = 1;
  return vector;
}

beforeAll(async () => {
  const analyser = await loadAnalyser('english');
  const builder = createSegmentBuilder({ analyser, dimension });
  for (const { id, namespace, text, axis } of passages) {
    builder.add({ id, documentId: id, namespace, title: '', headingPath: [], text, vector: unit(axis) });
  }
  engine = createIndexEngine({ analyser, dimension });
  engine.load(1, builder.finish());
});

function find(options: { embeddingModel: EmbeddingModel | undefined; text?: string; errors?: unknown[] }) {
  const { embeddingModel, text = question, errors = [] } = options;
  return retrieve({
    index: { search: (query) => Promise.resolve(engine.search(query)) },
    readPassages: ({ candidates }) =>
      Promise.resolve(
        candidates.map((candidate) => ({
          ...candidate,
          version: 1,
          title: '',
          url: null,
          youtubeUrl: null,
          locator: { start: 0, end: 0 },
          text: passages.find(({ id }) => id === candidate.passageId)?.text ?? '',
        })),
      ),
    embeddingModel,
    question: text,
    namespaces: ['care', 'tools'],
    boostedNamespaces: [],
    signal: new AbortController().signal,
    onError: (error) => {
      errors.push(error);
    },
  });
}

describe('retrieve by words and meaning', () => {
  it('should find a paraphrase that shares no word only by its vector', async () => {
    const byWords = await find({ embeddingModel: undefined });
    expect(byWords.passages).toEqual([]);
    const byBoth = await find({ embeddingModel: model });
    expect(byBoth.passages[0]?.passageId).toBe(1);
    expect(byBoth.passages[0]?.vectorScore).toBeCloseTo(1, 2);
  });

  it('should let a passage that is near in meaning through the evidence gate', async () => {
    const { passages: found, terms } = await find({ embeddingModel: model });
    expect(judgeEvidence(readEvidence({ question, terms, passages: found })).verdict).not.toBe('none');
  });

  it('should keep behind the wall what is just as near', async () => {
    const { candidates } = await find({ embeddingModel: model });
    expect(candidates.map(({ passageId }) => passageId)).not.toContain(4);
  });

  it('should still find words when the vector points elsewhere', async () => {
    const { passages: found } = await find({ embeddingModel: model, text: 'When do I oil the gate hinges?' });
    expect(found[0]?.passageId).toBe(3);
  });

  it('should go on with words alone when the endpoint fails, and say so', async () => {
    const errors: unknown[] = [];
    const failing = { ...model, embed: () => Promise.reject(new Error('down')) };
    const text = 'When do I oil the gate hinges?';
    const { passages: found } = await find({ embeddingModel: failing, text, errors });
    expect(found[0]?.passageId).toBe(3);
    expect(errors).toHaveLength(1);
  });
});
