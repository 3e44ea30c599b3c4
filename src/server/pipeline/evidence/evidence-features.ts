import type { AnalysedQuestion } from './analyse-question.ts';
import { coverageOf } from './match-terms.ts';
import type { Evidence, ScoredSentence } from './read-evidence.ts';

/** How well the passages cover what is asked; all are shares between 0 and 1 unless said. */
export type EvidenceFeatures = {
  /** Score of the best sentence over 10. */
  sentenceScore: number;
  /** Coverage of the question by the best sentence, by the sentence that covers most, by the best passages. */
  softCoverage: number;
  coverage: number;
  mostCovered: number;
  passageCoverage: number;
  bestPassageCoverage: number;
  /** Idf share weighed by how often a passage says each term. */
  strength: number;
  window: number;
  pairs: number;
  /** Mean coverage of the three best sentences. */
  topThree: number;
  /** Score lead of the best sentence over the best one of another passage, over 10. */
  margin: number;
  /** Idf share of terms that no passage of the collection has, and of names that the best passage lacks. */
  unknown: number;
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
  return {
    sentenceScore: best.score / 10,
    softCoverage: best.features.softCoverage,
    coverage: best.features.coverage,
    mostCovered: ranked.reduce((most, sentence) => Math.max(most, sentence.features.softCoverage), 0),
    passageCoverage: Math.max(...coverages),
    bestPassageCoverage: coverages[best.passageIndex] ?? 0,
    strength: strongestPassage(evidence),
    window: best.features.window,
    pairs: best.features.pairs,
    topThree,
    margin: rival === undefined ? 0 : (best.score - rival.score) / 10,
    ...missing(question, passageMatches[best.passageIndex]?.soft ?? new Float64Array(0)),
    termCount: Math.log(question.terms.length + 1),
  };
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
): Pick<EvidenceFeatures, 'unknown' | 'missingNames' | 'missingNumbers' | 'missingTerms'> {
  let unknown = 0;
  let missingNames = 0;
  let missingNumbers = 0;
  let missingTerms = 0;
  for (const [index, term] of question.terms.entries()) {
    if (!term.isKnown) unknown += term.idf;
    if ((passage[index] ?? 0) > 0) continue;
    missingTerms += 1;
    if (term.isName) missingNames += term.idf;
    if (term.isNumber) missingNumbers += 1;
  }
  return {
    unknown: unknown / question.totalIdf,
    missingNames: missingNames / question.totalIdf,
    missingNumbers: Math.min(1, missingNumbers),
    missingTerms: missingTerms / Math.max(1, question.terms.length),
  };
}
