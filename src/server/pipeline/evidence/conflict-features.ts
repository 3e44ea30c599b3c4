import type { AnalysedQuestion, QuestionTerm } from './analyse-question.ts';
import { sharesAny } from './compare-sets.ts';
import { coverageOf } from './match-terms.ts';
import { countNegations, oppositesOf } from './opposites.ts';
import type { Evidence, ScoredSentence } from './read-evidence.ts';

/** Signs that the best sentence speaks of the question's subject and yet does not answer it. */
export type ConflictFeatures = {
  /** The sentence says the opposite of a word of the question. */
  opposite: number;
  questionNegated: number;
  /** The question is negated and the sentence is not. */
  negationDiffers: number;
  /** Coverage by the whole collection of passages beyond that of the sentence. */
  gap: number;
  /** Share of neighbouring matches that keep the question's order. */
  order: number;
  /** The question has a superlative, ordinal or "only" that the sentence has not. */
  superlative: number;
  /** Highest idf share of a known term that the passage lacks, and of any term that the sentence lacks. */
  knownMissing: number;
  weakest: number;
  newWords: number;
  questionLength: number;
  numberDiffers: number;
  missingInSentence: number;
  /** Idf share of names that stand elsewhere in the passage. */
  nameElsewhere: number;
  asksQuantity: number;
  asksTime: number;
  asksPerson: number;
  asksPlace: number;
  /** A quantity, time, person or place is asked for and the sentence holds none. */
  lacksShape: number;
};

const superlatives =
  /\b(?:first|last|only|most|least|largest|smallest|biggest|oldest|highest|lowest|best|worst|main|original|current|former|next|second|third|final|earliest|latest|longest|shortest|greatest|other|another|besides|except|exactly|always|never)\b/giu;

/** Features of the conflict between a question and its best sentence, each 0-1. */
export function conflictFeatures(evidence: Evidence, best: ScoredSentence): ConflictFeatures {
  const { question } = evidence;
  const isNegated = countNegations(question.text) > 0;
  const isAsked = (type: AnalysedQuestion['type']) => (question.type === type ? 1 : 0);
  const expectsShape = ['quantity', 'when', 'who', 'where'].includes(question.type);
  const widest = Math.max(...evidence.passageMatches.map((match) => coverageOf(question, match.soft)));
  const fresh = best.tokens.filter((token) => !token.isStopWord && !question.positions.has(token.term));
  return {
    questionNegated: isNegated ? 1 : 0,
    negationDiffers: isNegated && countNegations(best.text) === 0 ? 1 : 0,
    gap: widest - best.features.softCoverage,
    order: keptOrder(question, best),
    superlative: lacksSuperlative(question.text, best.text) ? 1 : 0,
    newWords: Math.min(1, fresh.length / 20),
    questionLength: Math.min(3, question.words.length / 10),
    ...termConflicts(evidence, best),
    asksQuantity: isAsked('quantity'),
    asksTime: isAsked('when'),
    asksPerson: isAsked('who'),
    asksPlace: isAsked('where'),
    lacksShape: expectsShape && best.features.shape === 0 ? 1 : 0,
  };
}

function termConflicts(
  evidence: Evidence,
  best: ScoredSentence,
): Pick<
  ConflictFeatures,
  'opposite' | 'knownMissing' | 'weakest' | 'missingInSentence' | 'nameElsewhere' | 'numberDiffers'
> {
  const { question } = evidence;
  const passage = evidence.passageMatches[best.passageIndex]?.soft;
  const words = new Set(best.tokens.map((token) => token.term));
  const result = {
    opposite: 0,
    knownMissing: 0,
    weakest: 0,
    missingInSentence: 0,
    nameElsewhere: 0,
    numberDiffers: 0,
  };
  const hasNumber = best.tokens.some((token) => token.isNumber);
  for (const [index, term] of question.terms.entries()) {
    const share = term.idf / question.totalIdf;
    const inPassage = passage?.[index] ?? 0;
    if (term.isKnown && inPassage === 0) result.knownMissing = Math.max(result.knownMissing, share);
    if (best.match.exact[index] === 1) continue;
    if (saysOpposite(term, words)) result.opposite = 1;
    if (term.isNumber && hasNumber) result.numberDiffers = 1;
    if ((best.match.soft[index] ?? 0) > 0) continue;
    result.weakest = Math.max(result.weakest, share);
    result.missingInSentence += 1 / question.terms.length;
    if (term.isName && inPassage > 0) result.nameElsewhere += share;
  }
  return result;
}

function saysOpposite(term: QuestionTerm, words: ReadonlySet<string>): boolean {
  const against = oppositesOf(term.term);
  return against !== undefined && sharesAny(against, words);
}

function keptOrder(question: AnalysedQuestion, best: ScoredSentence): number {
  const places = best.tokens
    .map((token) => question.positions.get(token.term))
    .filter((position) => position !== undefined);
  if (places.length < 2) return 0.5;
  const kept = places.filter((place, index) => index > 0 && place > (places[index - 1] ?? 0));
  return kept.length / (places.length - 1);
}

function lacksSuperlative(question: string, sentence: string): boolean {
  const said = new Set(sentence.toLowerCase().match(superlatives));
  return (question.toLowerCase().match(superlatives) ?? []).some((word) => !said.has(word));
}
