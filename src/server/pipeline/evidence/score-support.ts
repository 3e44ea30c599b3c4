import { sharesAny } from './compare-sets.ts';
import { numberOf } from './number-words.ts';
import { countNegations, oppositesOf } from './opposites.ts';
import { type EvidenceToken, readTokens } from './read-sentences.ts';
import { relatedTerms } from './related-words.ts';

/** A statement or a stretch of a passage with its words. */
export type ReadText = { text: string; tokens: readonly EvidenceToken[] };

/** From here on a statement counts as supported; below `weakSupport` it is unsupported. */
export const sufficientSupport = 0.6;
export const weakSupport = 0.35;

const changedNumber = 0.3;
const flippedNegation = 0.3;
const saidOpposite = 0.35;
const missingName = 0.35;
const replacedWord = 0.5;
const swappedRoles = 0.5;
/** Share of a statement's words in the order of the passage from which it is a changed quote, not a paraphrase. */
const verbatimShare = 0.75;

/** Words that report what a source says and say nothing themselves. */
const reportingWords = new Set(
  'according text texts explain explains lesson lessons say says said note notes mention mentions source sources describe describes state states passage document short teaching teachings'.split(
    ' ',
  ),
);
const pronoun = /\b(?:he|she|it|they|him|his|her|hers|its|them|their)\b/iu;

export type Support = {
  support: number;
  /** Share of the statement's content that the stretch holds, before anything is cut down. */
  held: number;
};

/** Reads a text for `scoreSupport`. */
export function readText(text: string): ReadText {
  return { text, tokens: readTokens(text) };
}

/**
 * How far a stretch of a passage supports a statement, 0 to 1. The share of the statement's content that the stretch
 * holds (names and numbers weigh double), cut down when a number differs, a negation is added or lost, an opposite is
 * said, a name is missing, one word stands where the passage has an unrelated one, or two names changed places.
 * A name may be missing where the stretch has a pronoun and `context`, the terms of what precedes it, has the name.
 */
export function scoreSupport(
  statement: ReadText,
  stretch: ReadText,
  context: ReadonlySet<string> = new Set(),
): Support {
  const terms = new Set(stretch.tokens.map((token) => token.term));
  const spoken = statement.tokens.filter((token) => !token.isStopWord || token.isNumber);
  const content = spoken.filter((token) => !reportingWords.has(token.word) || terms.has(token.term));
  if (content.length === 0) return { support: 0, held: 0 };
  const mayRefer = pronoun.test(stretch.text) && !hasOtherName(stretch, statement);
  let held = 0;
  let total = 0;
  let factor = 1;
  for (const token of content) {
    const weight = isName(token) || token.isNumber ? 2 : 1;
    let strength = strengthOf(token, terms, stretch);
    if (strength === 0 && mayRefer && token.isCapitalised && context.has(token.term)) strength = 0.9;
    total += weight;
    held += weight * strength;
    if (strength === 0 && isName(token)) factor = Math.min(factor, missingName);
  }
  if (changesNumber(statement, stretch)) factor *= changedNumber;
  if (countNegations(statement.text) % 2 !== relevantNegations(statement, stretch) % 2)
    factor *= flippedNegation;
  if (saysOpposite(content, terms)) factor *= saidOpposite;
  if (replacesWord(statement.tokens, stretch.tokens)) factor *= replacedWord;
  if (swapsRoles(content, stretch.tokens)) factor *= swappedRoles;
  return { support: (held / total) * factor, held: held / total };
}

function isName(token: EvidenceToken): boolean {
  return token.isCapitalised && token.position > 0 && !token.isStopWord;
}

/** Whether the stretch names someone whom the statement does not: then a name that it lacks is a replaced one. */
function hasOtherName(stretch: ReadText, statement: ReadText): boolean {
  const said = new Set(statement.tokens.map((token) => token.term));
  return stretch.tokens.some((token) => isName(token) && !said.has(token.term));
}

function strengthOf(token: EvidenceToken, terms: ReadonlySet<string>, stretch: ReadText): number {
  if (terms.has(token.term)) return 1;
  const value = numberOf(token.word);
  if (value !== undefined) return stretch.tokens.some((other) => numberOf(other.word) === value) ? 1 : 0;
  const related = relatedTerms(token.term);
  if (related !== undefined && sharesAny(related, terms)) return 0.8;
  return [...terms].some((term) => sharesStem(term, token.term)) ? 0.8 : 0;
}

function sharesStem(left: string, right: string): boolean {
  const shorter = Math.min(left.length, right.length);
  if (shorter < 4) return false;
  return (
    left.slice(0, shorter - 1) === right.slice(0, shorter - 1) && Math.abs(left.length - right.length) <= 4
  );
}

/** Whether the statement has a number, or has it more often, than the stretch; "one" is too often a pronoun to count. */
function changesNumber(statement: ReadText, stretch: ReadText): boolean {
  const left = stretch.tokens.map((token) => numberOf(token.word)).filter((value) => value !== undefined);
  return statement.tokens.some((token) => {
    const value = numberOf(token.word);
    if (value === undefined || token.word === 'one' || token.word === 'second') return false;
    const place = left.indexOf(value);
    if (place >= 0 && !/^(?:first|third|half)$/u.test(token.word)) left.splice(place, 1);
    return place < 0;
  });
}

/** Negations of the clauses that the statement takes up: those within the stretch of matched words. */
function relevantNegations(statement: ReadText, stretch: ReadText): number {
  const said = new Set(statement.tokens.filter((token) => !token.isStopWord).map((token) => token.term));
  const matched = stretch.tokens.filter((token) => said.has(token.term));
  const first = matched[0];
  const last = matched.at(-1);
  if (first === undefined || last === undefined) return 0;
  const opening = stretch.text.slice(Math.max(0, first.start - 24), first.start);
  const lead = /(?:^|[.,;:!?]\s)([^.,;:!?]*)$/u.exec(opening)?.[1] ?? opening;
  return countNegations(lead + stretch.text.slice(first.start, last.end));
}

function saysOpposite(content: readonly EvidenceToken[], terms: ReadonlySet<string>): boolean {
  return content.some((token) => {
    if (terms.has(token.term)) return false;
    const against = oppositesOf(token.term);
    return against !== undefined && sharesAny(against, terms);
  });
}

/**
 * Whether a nearly verbatim statement has a content word where the stretch has an unrelated one. Both are aligned by
 * their longest common subsequence; in a freer wording other words are no sign of a change.
 */
function replacesWord(statement: readonly EvidenceToken[], stretch: readonly EvidenceToken[]): boolean {
  const gaps = alignGaps(statement, stretch);
  const shared = statement.length - gaps.reduce((sum, gap) => sum + gap.said.length, 0);
  if (shared < verbatimShare * statement.length) return false;
  const spoken = new Set(statement.map((token) => token.term));
  const held = new Set(stretch.map((token) => token.term));
  return gaps.some(({ said, meant }) => {
    const added = said.filter((token) => !token.isStopWord && !held.has(token.term));
    const lost = new Set(
      meant.filter((token) => !token.isStopWord && !spoken.has(token.term)).map((token) => token.term),
    );
    if (lost.size === 0) return false;
    return added.some((token) => {
      const related = relatedTerms(token.term);
      const isRelated = related !== undefined && sharesAny(related, lost);
      return (
        !isRelated &&
        numberOf(token.word) === undefined &&
        ![...lost].some((term) => sharesStem(term, token.term))
      );
    });
  });
}

type Gap = { said: EvidenceToken[]; meant: EvidenceToken[] };

/** What stands between the words of the longest common subsequence of two texts. */
function alignGaps(left: readonly EvidenceToken[], right: readonly EvidenceToken[]): Gap[] {
  const lengths = Array.from({ length: left.length + 1 }, () => new Uint16Array(right.length + 1));
  const at = (row: number, column: number) => lengths[row]?.[column] ?? 0;
  const isSame = (row: number, column: number) => left[row]?.term === right[column]?.term;
  for (let row = left.length - 1; row >= 0; row--) {
    const current = lengths[row] ?? new Uint16Array(0);
    for (let column = right.length - 1; column >= 0; column--) {
      current[column] = isSame(row, column)
        ? at(row + 1, column + 1) + 1
        : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const gaps: Gap[] = [{ said: [], meant: [] }];
  let [row, column] = [0, 0];
  while (row < left.length || column < right.length) {
    const [said, meant] = [left[row], right[column]];
    if (said !== undefined && meant !== undefined && isSame(row, column)) {
      gaps.push({ said: [], meant: [] });
      row++;
      column++;
    } else if (said !== undefined && (meant === undefined || at(row + 1, column) >= at(row, column + 1))) {
      gaps.at(-1)?.said.push(said);
      row++;
    } else if (meant !== undefined) {
      gaps.at(-1)?.meant.push(meant);
      column++;
    }
  }
  return gaps;
}

/** Whether two names or topics that both texts share once changed their order around a shared verb. */
function swapsRoles(content: readonly EvidenceToken[], stretch: readonly EvidenceToken[]): boolean {
  const names = content.filter((token) => isName(token) || (token.position === 0 && token.isCapitalised));
  const [left, right] = names;
  if (left === undefined || right === undefined || names.length !== 2 || left.term === right.term)
    return false;
  const places = (term: string) =>
    stretch.flatMap((token, index) => (token.term === term && token.isCapitalised ? [index] : []));
  const [lefts, rights] = [places(left.term), places(right.term)];
  return lefts.length === 1 && rights.length === 1 && (lefts[0] ?? 0) > (rights[0] ?? 0);
}
