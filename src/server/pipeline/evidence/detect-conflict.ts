import { countShared, sharesAny } from './compare-sets.ts';
import { numberOf } from './number-words.ts';
import { oppositesOf } from './opposites.ts';
import type { EvidenceToken } from './read-sentences.ts';

type ReadText = { text: string; tokens: readonly EvidenceToken[] };

/**
 * How alike two sentences must be (share of the shorter one's content words) before another number of the same unit is
 * a contradiction, and before a negation or an opposite word is one: those stand in many sentences that agree.
 */
const sameSubject = 0.5;
const leastOfLonger = 0.4;
const sameStatement = 0.75;
const denial = /\b(?:not|never|cannot|no longer)\b|n['’]t\b/giu;

/**
 * Whether two sentences speak of the same and contradict each other: by another number of the same unit, by a negation
 * that only one has, or by opposite words. Undefined when they do not, or speak of different things.
 */
export function detectConflict(
  left: ReadText,
  right: ReadText,
): 'number' | 'negation' | 'opposite' | undefined {
  const these = contentTerms(left);
  const those = contentTerms(right);
  const shared = countShared(these, those);
  if (shared < 2 || shared < sameSubject * Math.min(these.size, those.size)) return undefined;
  const isSameCase = !speaksOfOtherTime(left.tokens, right.tokens);
  const isAlike = shared >= leastOfLonger * Math.max(these.size, those.size);
  if (isSameCase && isAlike && differsInNumber(left.tokens, right.tokens)) return 'number';
  if (shared < sameStatement * Math.max(these.size, those.size)) return undefined;
  if (countDenials(left.text) % 2 !== countDenials(right.text) % 2) return 'negation';
  const isOpposite = [...these].some((term) => {
    const against = oppositesOf(term);
    return against !== undefined && !those.has(term) && sharesAny(against, those);
  });
  return isOpposite ? 'opposite' : undefined;
}

/** Whether one sentence speaks of before and the other of after: their numbers need not agree. */
function speaksOfOtherTime(left: readonly EvidenceToken[], right: readonly EvidenceToken[]): boolean {
  const [these, those] = [left, right].map((tokens) => new Set(tokens.map((token) => token.word)));
  const differs = (word: string) => these?.has(word) !== those?.has(word);
  return differs('before') && differs('after');
}

function countDenials(text: string): number {
  return text.match(denial)?.length ?? 0;
}

function contentTerms(sentence: ReadText): Set<string> {
  return new Set(
    sentence.tokens.filter((token) => !token.isStopWord && !token.isNumber).map((token) => token.term),
  );
}

/** Whether a unit ("minutes") follows numbers in both and none of them agree. */
function differsInNumber(left: readonly EvidenceToken[], right: readonly EvidenceToken[]): boolean {
  const these = numbersByUnit(left);
  const those = numbersByUnit(right);
  for (const [unit, numbers] of these) {
    const others = those.get(unit);
    if (others !== undefined && !sharesAny(numbers, others)) return true;
  }
  return false;
}

function numbersByUnit(tokens: readonly EvidenceToken[]): Map<string, Set<number>> {
  const units = new Map<string, Set<number>>();
  for (const [index, token] of tokens.entries()) {
    const value = numberOf(token.word);
    const unit = tokens[index + 1];
    if (value === undefined || unit === undefined || numberOf(unit.word) !== undefined) continue;
    const known = units.get(unit.term) ?? new Set<number>();
    units.set(unit.term, known.add(value));
    // "two to three hours" names both ends.
    const from = numberOf(tokens[index - 2]?.word ?? '');
    if (from !== undefined && /^(?:to|or|and)$/u.test(tokens[index - 1]?.word ?? '')) known.add(from);
  }
  return units;
}
