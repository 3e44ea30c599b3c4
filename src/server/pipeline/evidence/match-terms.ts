import type { AnalysedQuestion, QuestionTerm } from './analyse-question.ts';
import type { EvidenceToken } from './read-sentences.ts';

/** For each term of the question, how strongly a text holds it. */
export type TermMatch = {
  /** 1 where the very term stands, else 0. */
  exact: Float64Array;
  /** 1 the term, 0.8 a spelling of it, 0.6 a related word, 0.5 a word of the same root, 0 none. */
  soft: Float64Array;
};

/** Matches the terms of a question with the words of a text. */
export function matchTerms(question: AnalysedQuestion, tokens: readonly EvidenceToken[]): TermMatch {
  const exact = new Float64Array(question.terms.length);
  for (const token of tokens) {
    const position = question.positions.get(token.term);
    if (position !== undefined) exact[position] = 1;
  }
  const soft = Float64Array.from(exact);
  for (const [index, term] of question.terms.entries()) {
    if (exact[index] === 1) continue;
    let strength = 0;
    for (const token of tokens) {
      if (strength >= 0.8) break;
      const next = nearStrength(term, token);
      if (next > strength) strength = next;
    }
    soft[index] = strength;
  }
  return { exact, soft };
}

/** Share (0-1) of the question's idf that a match covers. */
export function coverageOf(question: AnalysedQuestion, strengths: Float64Array): number {
  let covered = 0;
  for (const [index, term] of question.terms.entries()) covered += (strengths[index] ?? 0) * term.idf;
  return covered / question.totalIdf;
}

function nearStrength(term: QuestionTerm, token: EvidenceToken): number {
  if (term.related?.has(token.term)) return 0.6;
  if (token.isStopWord || term.isNumber || token.isNumber) return 0;
  if (!term.isKnown && isMisspelling(term.word, token.word)) return 0.8;
  return sharesRoot(term.term, token.term) ? 0.5 : 0;
}

/** Whether two stems begin alike over at least four letters and most of the longer one ("gener" and "general"). */
function sharesRoot(left: string, right: string): boolean {
  if (left.charCodeAt(0) !== right.charCodeAt(0)) return false;
  const shorter = Math.min(left.length, right.length);
  let shared = 1;
  while (shared < shorter && left.charCodeAt(shared) === right.charCodeAt(shared)) shared++;
  return shared >= 4 && shared >= Math.max(left.length, right.length) * 0.6;
}

/** Whether one edit (two from eight letters on) turns one word into the other; short words are never misspellings. */
function isMisspelling(left: string, right: string): boolean {
  const allowed = left.length >= 8 ? 2 : 1;
  if (left.length < 5 || right.length < 4 || Math.abs(left.length - right.length) > allowed) return false;
  if (left.charCodeAt(0) !== right.charCodeAt(0)) return false;
  return editDistance(left, right) <= allowed;
}

/** Optimal string alignment distance (Damerau 1964, adjacent swaps count one). */
function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const isSame = left[row - 1] === right[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
      );
      if (
        row > 1 &&
        column > 1 &&
        left[row - 1] === right[column - 2] &&
        left[row - 2] === right[column - 1]
      ) {
        cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[right.length] ?? 0;
}
