import { beforeAll, describe, expect, it } from 'vitest';

import { loadPack } from '../../server/features/personas/load-pack.ts';
import { evaluatePersonaRouting } from '../../server/pipeline/routing/evaluate-routing.ts';
import { evaluateFollowUps } from './evaluate-follow-ups.ts';
import { type Library, openLibrary } from './open-library.ts';

const folder = 'personas/herman';
const persona = loadPack(folder);
let library: Library;

beforeAll(async () => {
  library = await openLibrary({ persona, folder });
});

describe('the sample persona, measured on its knowledge', () => {
  it('should find the right document for at least 85 % of the messages of a chat', async () => {
    const figures = await evaluateFollowUps({ datasetPath: 'eval/follow-ups/cases.jsonl', library });
    expect(figures.cases).toBeGreaterThanOrEqual(60);
    expect(figures.dependency_accuracy).toBeGreaterThanOrEqual(0.95);
    expect(figures.passage_in_first_three).toBeGreaterThanOrEqual(0.85);
  });

  // A floor below the measured figure; a third of the questions has no word of its topic.
  it('should route the labelled questions above the floor', async () => {
    const { accuracy } = await evaluatePersonaRouting({
      datasetPath: 'eval/routing/herman.jsonl',
      router: library.router,
      specialists: persona.specialists,
      findEvidence: async (text) => (await library.find(text)).retrieval.passages,
    });
    expect(accuracy).toBeGreaterThanOrEqual(0.85);
  });
});
