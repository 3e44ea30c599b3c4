import { describe, expect, it } from 'vitest';

import { buildEvidence, buildPassage } from '../../../test/build-passages.ts';
import { judgeEvidence } from './judge-evidence.ts';
import { rerankPassages } from './rerank-passages.ts';

const meditation =
  'To begin to meditate, sit on a firm chair for ten minutes and feel each breath. Whenever you drift away, return to the next breath.';

describe('judgeEvidence', () => {
  it('should find enough when a sentence covers the question', () => {
    const judgement = judgeEvidence(buildEvidence('How do I begin to meditate?', [meditation]));
    expect(judgement.verdict).toBe('enough');
    expect(judgement.missingWords).toEqual([]);
  });

  it('should abstain when names and rare words are missing, and name them', () => {
    const judgement = judgeEvidence(buildEvidence('Who won the football cup in Mongolia?', [meditation]));
    expect(judgement.verdict).toBe('none');
    expect(judgement.missingWords).toContain('mongolia');
  });

  it('should abstain without any passage', () => {
    expect(judgeEvidence(buildEvidence('How do I begin to meditate?', []))).toMatchObject({
      verdict: 'none',
      score: 0,
    });
  });

  it('should abstain when the two words of a short question never meet', () => {
    const texts = [
      'Fishermen look at the weather before sunrise.',
      'A guest will arrive tomorrow with bread.',
    ];
    expect(judgeEvidence(buildEvidence('What is the weather tomorrow?', texts)).verdict).toBe('none');
  });

  it('should trust a close vector match that shares no words', () => {
    const passage = buildPassage({ text: meditation, vectorScore: 0.95 });
    const judgement = judgeEvidence(buildEvidence('Getting started with mindfulness practice', [passage]));
    expect(judgement.score).toBeGreaterThan(
      judgeEvidence(buildEvidence('Getting started with mindfulness practice', [meditation])).score,
    );
  });

  it('should think less of an answer to the opposite question', () => {
    const text = 'The tower was not rebuilt after the war because stone had become expensive.';
    const asked = judgeEvidence(buildEvidence('Why was the tower not rebuilt after the war?', [text]));
    const opposite = judgeEvidence(
      buildEvidence('Why was the tower never cheap to paint before the war?', [text]),
    );
    expect(opposite.answerability).toBeLessThan(asked.answerability);
  });

  it('should ignore the name that addresses the persona', () => {
    const evidence = buildEvidence('How do I begin to meditate?', [meditation]);
    expect(judgeEvidence(evidence).score).toBeGreaterThan(0.9);
  });
});

describe('rerankPassages', () => {
  it('should put the passage with the best sentence first and lose none', () => {
    const weak = 'Meditate, they say, and begin somewhere; a chair is a chair.';
    const evidence = buildEvidence('How do I begin to meditate on a firm chair?', [weak, meditation, '']);
    const ranked = rerankPassages(evidence);
    expect(ranked[0]?.text).toBe(meditation);
    expect(ranked).toHaveLength(3);
  });
});
