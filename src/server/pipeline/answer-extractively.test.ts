import { describe, expect, it } from 'vitest';

import { buildEvidence } from '../../../test/build-passages.ts';
import { answerExtractively } from './answer-extractively.ts';

const frames = {
  opening: ['First opening.', 'Second opening.'],
  opening_partly: ['Only near.'],
  two_views: ['Two views.'],
  closing: [''],
};
const texts = [
  'Tea is served at noon. Counting the breath calms the mind within minutes.',
  'A calm mind comes to those who are counting the breath without strain.',
];
const question = 'Does counting the breath calm the mind?';

describe('answerExtractively', () => {
  it('should quote verbatim with markers in the order of use', () => {
    const evidence = buildEvidence(question, texts);
    const answer = answerExtractively(evidence, { frames, seed: 0, verdict: 'enough' });
    expect(answer?.content).toBe(
      'First opening.\n\nCounting the breath calms the mind within minutes. [1]\n\n' +
        'A calm mind comes to those who are counting the breath without strain. [2]',
    );
    for (const segment of answer?.segments ?? []) {
      if (segment.kind !== 'excerpt') continue;
      const passage = answer?.cited[segment.marker - 1];
      expect(passage?.passageId).toBe(segment.passageId);
      expect(segment.text).toBe(`${passage?.text.slice(segment.start, segment.end)} [${segment.marker}]`);
    }
  });

  it('should choose frame texts by the seed alone', () => {
    const evidence = buildEvidence(question, texts);
    const contentOf = (seed: number) =>
      answerExtractively(evidence, { frames, seed, verdict: 'enough' })?.content;
    expect(contentOf(1)).toMatch(/^Second opening\./u);
    expect(contentOf(3)).toBe(contentOf(1));
  });

  it('should say so when the evidence only comes near', () => {
    const answer = answerExtractively(buildEvidence(question, texts), { frames, seed: 0, verdict: 'partly' });
    expect(answer?.content).toMatch(/^Only near\./u);
  });

  it('should introduce two views when the passages contradict each other', () => {
    const evidence = buildEvidence('How many minutes should beginners meditate daily?', [
      'Beginners should meditate ten minutes daily.',
      'Beginners should meditate forty minutes daily, as the elders said.',
    ]);
    expect(answerExtractively(evidence, { frames, seed: 0, verdict: 'enough' })?.content).toMatch(
      /^Two views\./u,
    );
  });

  it('should give nothing when no sentence may be quoted', () => {
    const evidence = buildEvidence(question, texts);
    const options = { frames, seed: 0, verdict: 'enough' as const, isExcluded: () => true };
    expect(answerExtractively(evidence, options)).toBeUndefined();
  });
});
