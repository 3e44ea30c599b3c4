import type { AnalysedQuestion } from './analyse-question.ts';
import { coverageOf } from './match-terms.ts';
import type { Evidence, ScoredSentence } from './read-evidence.ts';

/** How well the passages cover what is asked; all are shares between 0 and 1 unless said. */
export type EvidenceFeatures = {
  /** Score of the best sentence over 10. */
  sentenceScore: number;
  /** Coverage of the question by the best sentence, with the sentence before it, and by the best passage. */
  softCoverage: number;
  coverage: number;
  withPrevious: number;
  passageCoverage: number;
  /** Idf share weighed by how often a passage says each term. */
  strength: number;
  window: number;
  pairs: number;
  /** Mean coverage of the three best sentences. */
  topThree: number;
  /** Score lead of the best sentence over the best one of another passage, over 10. */
  margin: number;
  /** Idf share of names that the best passage lacks. */
  missingNames: number;
  missingNumbers: number;
  /** Share of the terms (counted, not weighed) that the best passage lacks. */
  missingTerms: number;
  /** Logarithm of the number of terms + 1: one matched word proves less than five. */
  termCount: number;
};

/** The best sentence, or undefined when no passage holds one that could answer. */
export function bestSentence(evidence: Evidence): ScoredSentence | undefined {
  let best: ScoredSentence | undefined;
  for (const sentence of evidence.sentences) if (sentence.score > (best?.score ?? -Infinity)) best = sentence;
  return best;
}

/** Features of the evidence as a whole, seen from its best sentence. */
export function evidenceFeatures(evidence: Evidence, best: ScoredSentence): EvidenceFeatures {
  const { question, passageMatches } = evidence;
  const ranked = evidence.sentences
    .filter((sentence) => Number.isFinite(sentence.score))
    .sort((left, right) => right.score - left.score);
  const coverages = passageMatches.map((match) => coverageOf(question, match.soft));
  const rival = ranked.find((sentence) => sentence.passageIndex !== best.passageIndex);
  const topThree = ranked.slice(0, 3).reduce((sum, sentence) => sum + sentence.features.softCoverage, 0) / 3;
  const lead = leadOf(evidence, best)?.features;
  return {
    sentenceScore: best.score / 10,
    softCoverage: Math.max(best.features.softCoverage, lead?.softCoverage ?? 0),
    coverage: Math.max(best.features.coverage, lead?.coverage ?? 0),
    withPrevious: best.features.softCoverage + best.features.previousGain,
    passageCoverage: coverages[best.passageIndex] ?? 0,
    strength: strongestPassage(evidence),
    window: Math.max(best.features.window, lead?.window ?? 0),
    pairs: Math.max(best.features.pairs, lead?.pairs ?? 0),
    topThree,
    margin: rival === undefined ? 0 : (best.score - rival.score) / 10,
    ...missing(question, passageMatches[best.passageIndex]?.soft ?? new Float64Array(0)),
    termCount: Math.log(question.terms.filter((term) => !term.isAsking).length + 1),
  };
}

/** The question of the pair or the heading that the best sentence answers; what it says need not be said again. */
function leadOf(evidence: Evidence, best: ScoredSentence): ScoredSentence | undefined {
  return evidence.sentences.findLast(
    (sentence) =>
      sentence.passageIndex === best.passageIndex &&
      sentence.sentenceIndex < best.sentenceIndex &&
      (sentence.role === 'pair-question' || sentence.role === 'heading'),
  );
}

/** The highest idf share over the passages when a term counts f / (f + 1.2) for f occurrences, as in BM25. */
function strongestPassage(evidence: Evidence): number {
  const { question } = evidence;
  const counts = evidence.passages.map(() => new Float64Array(question.terms.length));
  for (const sentence of evidence.sentences) {
    const count = counts[sentence.passageIndex];
    for (const token of sentence.tokens) {
      const position = question.positions.get(token.term);
      if (count !== undefined && position !== undefined) count[position] = (count[position] ?? 0) + 1;
    }
  }
  return counts.reduce((strongest, count) => {
    const saturated = count.map((occurrences) => occurrences / (occurrences + 1.2));
    return Math.max(strongest, coverageOf(question, saturated));
  }, 0);
}

function missing(
  question: AnalysedQuestion,
  passage: Float64Array,
): Pick<EvidenceFeatures, 'missingNames' | 'missingNumbers' | 'missingTerms'> {
  let missingNames = 0;
  let missingNumbers = 0;
  let missingTerms = 0;
  for (const [index, term] of question.terms.entries()) {
    if ((passage[index] ?? 0) > 0) continue;
    if (!term.isAsking) missingTerms += 1;
    if (term.isName) missingNames += term.idf;
    if (term.isNumber) missingNumbers += 1;
  }
  return {
    missingNames: missingNames / question.totalIdf,
    missingNumbers: Math.min(1, missingNumbers),
    missingTerms: missingTerms / Math.max(1, question.terms.length),
  };
}
