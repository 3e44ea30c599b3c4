import type { SentenceFeatures } from './sentence-features.ts';

/**
 * Weights of the sentence features, printed by scripts/fit-evidence.ts, except for `titleGain`, `defines`,
 * `conditional` and `announces`: encyclopedia paragraphs hardly show these, so they were set by reading answers over other collections.
 */
export const sentenceWeights: Record<keyof SentenceFeatures, number> = {
  coverage: 2.23,
  softCoverage: 3.32,
  squaredCoverage: 2.07,
  pairs: 0.17,
  window: 2.16,
  density: 1.72,
  names: -0.45,
  previousGain: 5.6,
  nextGain: 0.41,
  titleGain: 1.5,
  passageCoverage: 1.55,
  relativeScore: 3.07,
  rankInverse: 0.68,
  isFirst: 0.68,
  logLength: 0.12,
  announces: -3,
  opensWithPronoun: 0.43,
  shape: 1,
  shapeNear: 1.16,
  lead: 0.67,
  verb: 0.83,
  defines: 4,
  conditional: -1.5,
  wordPairs: 3.14,
};
