import { conflictFeatures } from './evidence/conflict-features.ts';
import { bestSentence, evidenceFeatures } from './evidence/evidence-features.ts';
import {
  answerThreshold,
  answerWeights,
  enoughThreshold,
  type LogisticWeights,
  nearMissThreshold,
  presenceWeights,
} from './evidence/evidence-weights.ts';
import type { Evidence } from './evidence/read-evidence.ts';

export type EvidenceJudgement = {
  /** `none`: abstain. `partly`: answer, but say that the knowledge only comes near. */
  verdict: 'enough' | 'partly' | 'none';
  /** Calibrated probability (0-1) that the collection holds what is asked. */
  score: number;
  /** Probability (0-1) that what it holds answers the question rather than one like it. */
  answerability: number;
  /** The subject is there but another thing is said of it ("When was it rebuilt?" of a building never rebuilt). */
  isNearMiss: boolean;
  /** Words of the question that no retrieved passage holds, as asked, rarest first. */
  missingWords: string[];
};

/** Cosine above which a vector match speaks for a passage whatever its words, and what each 0.1 above adds in log odds. */
const strongCosine = 0.5;
const cosineLogOdds = 2;
/** From this many passages with vectors on, their median tells how alike the model finds texts that do not answer. */
const fewestForMedian = 4;

const togetherCoverage = 0.7;

/**
 * The evidence gate: decides from the best sentence and passage whether the persona may answer. Two logistic models
 * with shipped weights, fitted by scripts/fit-evidence.ts on questions whose article is in the collection, is not, or
 * is and does not answer; without a single candidate sentence the verdict is `none`.
 */
export function judgeEvidence(evidence: Evidence): EvidenceJudgement {
  const best = bestSentence(evidence);
  const missingWords = listMissingWords(evidence);
  if (best === undefined)
    return { verdict: 'none', score: 0, answerability: 0, isNearMiss: false, missingWords };
  const features = evidenceFeatures(evidence, best);
  const score = logistic(presenceWeights, features, vectorLogOdds(evidence));
  const answerability = logistic(answerWeights, { ...features, ...conflictFeatures(evidence, best) }, 0);
  const isNearMiss = score >= answerThreshold && answerability < nearMissThreshold;
  let verdict: EvidenceJudgement['verdict'] = 'enough';
  if (score < answerThreshold || isScattered(evidence)) verdict = 'none';
  else if (score < enoughThreshold || isNearMiss) verdict = 'partly';
  return { verdict, score, answerability, isNearMiss, missingWords };
}

/** Whether the one or two words of a short question never meet: "weather" here and "tomorrow" there prove nothing. */
function isScattered(evidence: Evidence): boolean {
  if (evidence.question.terms.filter((term) => !term.isAsking).length > 2) return false;
  if (vectorLogOdds(evidence) > 0) return false;
  return evidence.sentences.every(
    ({ features }) => features.softCoverage + features.previousGain + features.titleGain < togetherCoverage,
  );
}

function logistic<Name extends string>(
  weights: LogisticWeights<Name>,
  features: Record<Name, number>,
  offset: number,
): number {
  let sum = weights.bias + offset;
  for (const name of Object.keys(features) as Name[]) sum += weights[name] * features[name];
  return 1 / (1 + Math.exp(-sum));
}

/** Models differ in how alike unrelated texts are to them, so the best cosine counts by its lead over the others. */
function vectorLogOdds(evidence: Evidence): number {
  const cosines = evidence.passages
    .flatMap(({ vectorScore }) => (vectorScore === undefined ? [] : [vectorScore]))
    .sort((left, right) => right - left);
  const median = cosines.length < fewestForMedian ? 0 : (cosines[Math.floor(cosines.length / 2)] ?? 0);
  const lead = (cosines[0] ?? 0) - Math.max(strongCosine, median);
  return Math.max(0, lead * 10 * cosineLogOdds);
}

function listMissingWords(evidence: Evidence): string[] {
  const { terms } = evidence.question;
  return terms
    .filter((_, index) => evidence.passageMatches.every((match) => (match.soft[index] ?? 0) === 0))
    .sort((left, right) => right.idf - left.idf)
    .map((term) => term.word);
}
