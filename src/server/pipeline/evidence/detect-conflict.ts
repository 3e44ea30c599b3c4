import { countNegations, oppositesOf } from './opposites.ts';
import type { EvidenceToken } from './read-sentences.ts';

type ReadText = { text: string; tokens: readonly EvidenceToken[] };

/** How alike two sentences must be (share of the shorter one's content words) before a difference is a contradiction. */
const sameSubject = 0.5;

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
  const shared = these.intersection(those);
  if (shared.size < 2 || shared.size < sameSubject * Math.min(these.size, those.size)) return undefined;
  if (differsInNumber(left.tokens, right.tokens)) return 'number';
  if (countNegations(left.text) % 2 !== countNegations(right.text) % 2) return 'negation';
  const isOpposite = [...these].some((term) => {
    const against = oppositesOf(term);
    return against !== undefined && !those.has(term) && !against.isDisjointFrom(those);
  });
  return isOpposite ? 'opposite' : undefined;
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
    if (others !== undefined && numbers.isDisjointFrom(others)) return true;
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

const words: Record<string, number> = {
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
  thirteen: 13,
  fourteen: 14,
  fifteen: 15,
  sixteen: 16,
  seventeen: 17,
  eighteen: 18,
  nineteen: 19,
  twenty: 20,
  thirty: 30,
  forty: 40,
  fifty: 50,
  sixty: 60,
  seventy: 70,
  eighty: 80,
  ninety: 90,
  hundred: 100,
  thousand: 1000,
  million: 1_000_000,
  billion: 1_000_000_000,
  dozen: 12,
  half: 0.5,
  twice: 2,
  once: 1,
  double: 2,
  first: 1,
  second: 2,
  third: 3,
  fourth: 4,
  fifth: 5,
  sixth: 6,
  seventh: 7,
  eighth: 8,
  ninth: 9,
  tenth: 10,
};

/** The value of a folded number word or of digits ("ten", "1,500", "21st"); undefined for other words. */
export function numberOf(word: string): number | undefined {
  const spelled = Object.hasOwn(words, word) ? words[word] : undefined;
  if (spelled !== undefined) return spelled;
  if (!/^\d/u.test(word)) return undefined;
  const value = Number.parseFloat(word.replaceAll(/,(?=\d{3})/gu, ''));
  return Number.isNaN(value) ? undefined : value;
}
