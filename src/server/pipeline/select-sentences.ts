import type { AnalysedQuestion } from './evidence/analyse-question.ts';
import { countShared } from './evidence/compare-sets.ts';
import { detectConflict } from './evidence/detect-conflict.ts';
import { coverageOf } from './evidence/match-terms.ts';
import type { QuestionType } from './evidence/question-type.ts';
import type { Evidence, ScoredSentence } from './evidence/read-evidence.ts';
import { opensWithPronoun } from './evidence/sentence-features.ts';

/** Sentences of one passage that are said together, in reading order. */
export type SentenceGroup = {
  passageIndex: number;
  sentences: ScoredSentence[];
};

export type SelectedSentences = {
  /** The strongest group first. */
  groups: SentenceGroup[];
  /** The chosen sentences by strength, without those that only give them context. */
  ranked: ScoredSentence[];
  /** Whether the first two groups contradict each other and must be shown as two views. */
  isDisputed: boolean;
};

export type SelectOptions = {
  /** Sentences that read as instructions to the system, or that the guard rejects, are left out. */
  isExcluded?: (text: string) => boolean;
  /** Most sentences to choose; context sentences and list items come on top. Default by the type of question, 2-5. */
  maxSentences?: number;
};

const sentencesByType: Record<QuestionType, number> = {
  who: 2,
  when: 2,
  where: 3,
  quantity: 3,
  'yes-no': 3,
  choice: 3,
  definition: 3,
  'how-to': 5,
  why: 4,
  list: 5,
  other: 4,
};
/** A sentence this much weaker than the best (in log odds) is not worth saying; less so in another passage. */
const widestGap = 4.5;
const widestGapElsewhere = 2.5;
const widestGapOfSecondSource = 8;
const secondPassageShare = 0.75;
const secondSourceCoverage = 0.6;
const continuedSentences = 3;
const redundancyPenalty = 6;
const sameWords = 0.7;
const duplicateShare = 0.8;
const mostPassages = 3;
const longestListItems = 12;
const mostSentences = 7;
const sharedBeyondQuestion = 0.3;

/**
 * Chooses the one to five sentences that answer together: the best one, then those that add most without repeating
 * (maximal marginal relevance, Carbonell and Goldstein 1998), from a second passage too when it has something to say.
 * Sentences that lean on the one before bring it along or are dropped; lists stay whole.
 */
export function selectSentences(evidence: Evidence, options: SelectOptions = {}): SelectedSentences {
  const isExcluded = options.isExcluded ?? (() => false);
  const usable = evidence.sentences.filter(
    (sentence) => Number.isFinite(sentence.score) && !isExcluded(sentence.text),
  );
  const best = strongest(usable);
  if (best === undefined) return { groups: [], ranked: [], isDisputed: false };
  const most = options.maxSentences ?? sentencesByType[evidence.question.type];
  const chosen = chooseDiverse(usable, { best, most, question: evidence.question });
  addSecondSource(chosen, { usable, best, evidence });
  addContinuation(chosen, usable, { best, most });
  bridgeGaps(chosen, usable);
  const groups = groupByPassage(chosen, usable, evidence);
  const rival = groups[1]?.sentences.find((sentence) => chosen.includes(sentence));
  const isDisputed = rival !== undefined && detectConflict(best, rival) !== undefined;
  return { groups, ranked: chosen, isDisputed };
}

function strongest(sentences: readonly ScoredSentence[]): ScoredSentence | undefined {
  return sentences.reduce<ScoredSentence | undefined>(
    (best, sentence) => (best === undefined || sentence.score > best.score ? sentence : best),
    undefined,
  );
}

function chooseDiverse(
  usable: readonly ScoredSentence[],
  { best, most, question }: { best: ScoredSentence; most: number; question: AnalysedQuestion },
): ScoredSentence[] {
  const chosen = [best];
  const rest = usable.filter((sentence) => sentence !== best && sentence.score > best.score - widestGap);
  while (chosen.length < most && rest.length > 0) {
    let next = -1;
    let nextValue = best.score - widestGap;
    for (const [index, sentence] of rest.entries()) {
      const isNewPassage = !chosen.some((other) => other.passageIndex === sentence.passageIndex);
      if (sentence.passageIndex !== best.passageIndex && sentence.score < best.score - widestGapElsewhere)
        continue;
      if (isNewPassage && new Set(chosen.map((other) => other.passageIndex)).size >= mostPassages) continue;
      const overlap = Math.max(...chosen.map((other) => overlapOf(sentence, other, question)));
      if (overlap >= sameWords) continue;
      const value = sentence.score - redundancyPenalty * overlap;
      if (value > nextValue) {
        next = index;
        nextValue = value;
      }
    }
    const [sentence] = next < 0 ? [] : rest.splice(next, 1);
    if (sentence === undefined) break;
    chosen.push(sentence);
  }
  return chosen;
}

/** Two citations where the evidence holds two: the best sentence of another passage that covers half of the question. */
function addSecondSource(
  chosen: ScoredSentence[],
  { usable, best, evidence }: { usable: readonly ScoredSentence[]; best: ScoredSentence; evidence: Evidence },
): void {
  if (chosen.some((sentence) => sentence.passageIndex !== best.passageIndex)) return;
  const { question } = evidence;
  const coverages = evidence.passageMatches.map((match) => coverageOf(question, match.soft));
  const leastCoverage = secondPassageShare * (coverages[best.passageIndex] ?? 0);
  const others = usable.filter(
    (sentence) =>
      sentence.passageIndex !== best.passageIndex &&
      (coverages[sentence.passageIndex] ?? 0) >= leastCoverage &&
      sentence.score > best.score - widestGapOfSecondSource &&
      sentence.features.softCoverage + 0.5 * sentence.features.previousGain >= secondSourceCoverage &&
      isOfOneSubject(sentence, best, evidence) &&
      chosen.every((other) => !isDuplicate(sentence, other)),
  );
  const second = strongest(others);
  if (second !== undefined) chosen.push(second);
}

/**
 * Whether a sentence of another passage speaks of what the best one speaks of: its passage is of the same namespace,
 * names a word of the question in its title or heading, or shares words with the best passage beyond the question.
 */
function isOfOneSubject(sentence: ScoredSentence, best: ScoredSentence, evidence: Evidence): boolean {
  const [own, lead] = [evidence.passages[sentence.passageIndex], evidence.passages[best.passageIndex]];
  if (own?.namespace === lead?.namespace || sentence.features.titleGain > 0) return true;
  const { positions } = evidence.question;
  const termsOf = (sentences: readonly ScoredSentence[]) =>
    new Set(
      sentences.flatMap(({ tokens }) =>
        tokens.filter((token) => !token.isStopWord && !positions.has(token.term)).map((token) => token.term),
      ),
    );
  const around = termsOf(evidence.sentences.filter(({ passageIndex }) => passageIndex === best.passageIndex));
  const words = termsOf([sentence]);
  return countShared(words, around) >= Math.max(2, sharedBeyondQuestion * words.size);
}

/** A single sentence left out between two chosen ones of a paragraph is said too, so that the excerpt reads on. */
function bridgeGaps(chosen: ScoredSentence[], usable: readonly ScoredSentence[]): void {
  for (const [index, middle] of usable.entries()) {
    const [previous, next] = [usable[index - 1], usable[index + 1]];
    if (previous === undefined || next === undefined || chosen.includes(middle)) continue;
    if (!chosen.includes(previous) || !chosen.includes(next) || chosen.length >= mostSentences) continue;
    const isTogether = [previous, next].every(
      (sentence) => sentence.passageIndex === middle.passageIndex && sentence.role === 'prose',
    );
    const isUnbroken = next.sentenceIndex === previous.sentenceIndex + 2;
    if (isTogether && isUnbroken && !middle.startsParagraph && !next.startsParagraph) chosen.push(middle);
  }
}

/** Advice, reasons and the answers of pairs go on in the sentences after the best one, up to the end of its paragraph. */
function addContinuation(
  chosen: ScoredSentence[],
  usable: readonly ScoredSentence[],
  { best, most }: { best: ScoredSentence; most: number },
): void {
  const inLead = chosen.filter((sentence) => sentence.passageIndex === best.passageIndex).length;
  let room = Math.min(most, continuedSentences) - inLead;
  for (let index = usable.indexOf(best) + 1; room > 0; index++) {
    const next = usable[index];
    if (next === undefined || next.passageIndex !== best.passageIndex || next.startsParagraph) break;
    if (chosen.includes(next)) continue;
    chosen.push(next);
    room--;
  }
}

/**
 * How much two sentences repeat each other (0-1): the share of the shorter one's content words beyond the question that
 * the other says too. Both say the words of the question, and a contradiction is no repetition.
 */
function overlapOf(left: ScoredSentence, right: ScoredSentence, question: AnalysedQuestion): number {
  if (detectConflict(left, right) !== undefined) return 0;
  const terms = (sentence: ScoredSentence, isAll: boolean) =>
    new Set(
      sentence.tokens
        .filter((token) => !token.isStopWord && (isAll || !question.positions.has(token.term)))
        .map((token) => token.term),
    );
  const isBare = [left, right].some((sentence) => terms(sentence, false).size < 2);
  const [these, those] = [terms(left, isBare), terms(right, isBare)];
  return countShared(these, those) / Math.max(1, Math.min(these.size, those.size));
}

/** Whether two sentences are the same but for a word or two; a second source may otherwise confirm the first. */
function isDuplicate(left: ScoredSentence, right: ScoredSentence): boolean {
  const terms = (sentence: ScoredSentence) => new Set(sentence.tokens.map((token) => token.term));
  const [these, those] = [terms(left), terms(right)];
  const shared = countShared(these, those);
  return shared >= duplicateShare * (these.size + those.size - shared);
}

function groupByPassage(
  chosen: readonly ScoredSentence[],
  usable: readonly ScoredSentence[],
  evidence: Evidence,
): SentenceGroup[] {
  const groups: SentenceGroup[] = [];
  const usableSet = new Set(usable);
  for (const passageIndex of new Set(chosen.map((sentence) => sentence.passageIndex))) {
    const inPassage = evidence.sentences.filter((sentence) => sentence.passageIndex === passageIndex);
    const taken = new Set<ScoredSentence>();
    for (const sentence of chosen) {
      if (sentence.passageIndex !== passageIndex) continue;
      const item = listAt(inPassage, sentence, evidence.question);
      const block = item ? wholeList(inPassage, item) : withAntecedent(inPassage, sentence);
      // Without its antecedent a sentence misleads; the best one is kept, since it is the answer.
      if (block === undefined && sentence !== chosen[0]) continue;
      for (const member of block ?? [sentence]) if (usableSet.has(member)) taken.add(member);
    }
    if (taken.size > 0) {
      groups.push({ passageIndex, sentences: inPassage.filter((sentence) => taken.has(sentence)) });
    }
  }
  return groups;
}

/** An item of the list that a sentence is part of or, where steps are asked for or a colon promises them, introduces. */
function listAt(
  inPassage: readonly ScoredSentence[],
  sentence: ScoredSentence,
  question: AnalysedQuestion,
): ScoredSentence | undefined {
  if (sentence.role === 'item') return sentence;
  const next = inPassage[inPassage.indexOf(sentence) + 1];
  const isIntroduction = question.type === 'list' || sentence.text.endsWith(':');
  return next?.role === 'item' && isIntroduction ? next : undefined;
}

/** The list around an item with the sentence that introduces it. */
function wholeList(inPassage: readonly ScoredSentence[], item: ScoredSentence): ScoredSentence[] {
  const place = inPassage.indexOf(item);
  let first = place;
  let last = place;
  while (inPassage[first - 1]?.role === 'item') first--;
  while (inPassage[last + 1]?.role === 'item') last++;
  const items = inPassage.slice(first, Math.min(last + 1, first + longestListItems));
  const introduction = inPassage[first - 1];
  return introduction?.role === 'prose' ? [introduction, ...items] : items;
}

/** A sentence with up to two sentences before it while they lean back; undefined when the antecedent is out of reach. */
function withAntecedent(
  inPassage: readonly ScoredSentence[],
  sentence: ScoredSentence,
): ScoredSentence[] | undefined {
  const block = [sentence];
  let place = inPassage.indexOf(sentence);
  for (let steps = 0; steps < 2 && opensWithPronoun(block[0]?.text ?? ''); steps++) {
    place--;
    const previous = inPassage[place];
    if (previous === undefined) return undefined;
    // A question or a heading names what "it" is, and the reader sees neither.
    if (previous.role !== 'prose' || previous.features.announces === 1) return undefined;
    block.unshift(previous);
  }
  return opensWithPronoun(block[0]?.text ?? '') ? undefined : block;
}
