import type { ConflictFeatures } from './conflict-features.ts';
import type { EvidenceFeatures } from './evidence-features.ts';

/** Weights of a logistic model; `bias` is its intercept. */
export type LogisticWeights<Name extends string> = Record<Name | 'bias', number>;

/** Whether the collection speaks of what is asked at all (answerable against absent). */
export const presenceWeights: LogisticWeights<keyof EvidenceFeatures> = {
  sentenceScore: 0.37,
  softCoverage: 0.85,
  coverage: 1.42,
  mostCovered: 0.52,
  passageCoverage: 0.45,
  bestPassageCoverage: 0.62,
  strength: 1.65,
  window: 1.03,
  pairs: 1.49,
  topThree: 0.41,
  margin: 1.24,
  unknown: -0.2,
  missingNames: -4.69,
  missingNumbers: -0.51,
  missingTerms: -2.16,
  termCount: 2.28,
  bias: -6.37,
};

/** Whether passages that speak of it also answer it (answerable against near misses). */
export const answerWeights: LogisticWeights<keyof EvidenceFeatures | keyof ConflictFeatures> = {
  sentenceScore: 0.72,
  softCoverage: 0.19,
  coverage: 0.19,
  mostCovered: 0.77,
  passageCoverage: -0.78,
  bestPassageCoverage: -0.74,
  strength: 0.24,
  window: 0.06,
  pairs: -0.02,
  topThree: 0.61,
  margin: -0.33,
  unknown: 0.3,
  missingNames: -1.6,
  missingNumbers: -0.54,
  missingTerms: 0.01,
  termCount: -0.03,
  questionNegated: -0.93,
  negationDiffers: -2.09,
  gap: -1.14,
  order: -0.11,
  superlative: 0.03,
  newWords: -0.37,
  questionLength: 0.72,
  opposite: -0.68,
  knownMissing: -0.46,
  weakest: -1.26,
  missingInSentence: 0.43,
  nameElsewhere: -0.4,
  numberDiffers: -1.34,
  asksQuantity: 0.09,
  asksTime: 0.37,
  asksPerson: -0.13,
  asksPlace: 0.34,
  lacksShape: -0.53,
  bias: -0.77,
};

/** Lowest presence at which the persona answers, and below which it says that it has only something near. */
export const answerThreshold = 0.56;
export const enoughThreshold = 0.75;
/** Answerability below which an answer is announced as near, not as the answer. */
export const nearMissThreshold = 0.25;
