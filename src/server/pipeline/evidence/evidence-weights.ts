import type { ConflictFeatures } from './conflict-features.ts';
import type { EvidenceFeatures } from './evidence-features.ts';

/** Weights of a logistic model; `bias` is its intercept. */
export type LogisticWeights<Name extends string> = Record<Name | 'bias', number>;

/** Whether the collection speaks of what is asked at all (answerable against absent). */
export const presenceWeights: LogisticWeights<keyof EvidenceFeatures> = {
  sentenceScore: 0.23,
  softCoverage: 0.9,
  coverage: 1.27,
  withPrevious: 0.5,
  passageCoverage: -0.3,
  strength: 1.69,
  window: 0.74,
  pairs: 1.91,
  topThree: 0.55,
  margin: 0.95,
  missingNames: -4.76,
  missingNumbers: -0.55,
  missingTerms: -3.06,
  termCount: 1.37,
  bias: -3.47,
};

/** Whether passages that speak of it also answer it (answerable against near misses). */
export const answerWeights: LogisticWeights<keyof EvidenceFeatures | keyof ConflictFeatures> = {
  sentenceScore: 0.12,
  softCoverage: -0.06,
  coverage: -0.48,
  withPrevious: 1.52,
  passageCoverage: -1.28,
  strength: 0.45,
  window: 0.31,
  pairs: -0.06,
  topThree: 0.92,
  margin: -0.21,
  missingNames: -1.22,
  missingNumbers: -0.44,
  missingTerms: 0.31,
  termCount: -0.17,
  questionNegated: -0.77,
  negationDiffers: -2.05,
  gap: -1.61,
  order: -0.16,
  superlative: 0.23,
  newWords: -0.35,
  questionLength: 0.65,
  opposite: -0.79,
  knownMissing: -0.69,
  weakest: -1.74,
  missingInSentence: 0.93,
  nameElsewhere: -0.73,
  numberDiffers: -1.37,
  asksQuantity: 0.09,
  asksTime: 0.5,
  asksPerson: -0.03,
  asksPlace: 0.16,
  lacksShape: -0.8,
  bias: -0.36,
};

/** Lowest presence at which the persona answers, and below which it says that it has only something near. */
export const answerThreshold = 0.61;
export const enoughThreshold = 0.75;
/** Answerability below which an answer is announced as near, not as the answer. */
export const nearMissThreshold = 0.25;
