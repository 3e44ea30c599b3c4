import type { SentenceFeatures } from './sentence-features.ts';

/**
 * Weights of the sentence features, printed by scripts/fit-evidence.ts, except for `titleGain`, `defines`,
 * `conditional` and `announces`: encyclopedia paragraphs hardly show these, so they were set by reading answers over other collections.
 */
export const sentenceWeights: Record<keyof SentenceFeatures, number> = {
  coverage: 2.25,
  softCoverage: 3.64,
  squaredCoverage: 2.35,
  pairs: 1.61,
  window: 2.14,
  density: 1.25,
  names: -0.46,
  previousGain: 5.3,
  nextGain: 1.27,
  titleGain: 1.5,
  passageCoverage: 1.46,
  relativeScore: 2.66,
  rankInverse: 0.73,
  isFirst: 0.49,
  logLength: 0.27,
  announces: -3,
  opensWithPronoun: 0.5,
  shape: 1.33,
  shapeNear: 0.81,
  lead: 0.64,
  verb: 1.0,
  defines: 4,
  conditional: -1.5,
  wordPairs: 3.98,
};
