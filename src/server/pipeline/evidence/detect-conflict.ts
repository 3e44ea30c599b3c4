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
  if (differsInNumber(left.tokens, right.tokens)) return 'number';
  if (shared < sameStatement * Math.max(these.size, those.size)) return undefined;
  if (countDenials(left.text) % 2 !== countDenials(right.text) % 2) return 'negation';
  const isOpposite = [...these].some((term) => {
    const against = oppositesOf(term);
    return against !== undefined && !those.has(term) && sharesAny(against, those);
  });
  return isOpposite ? 'opposite' : undefined;
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
  }
  return units;
}
