import type { RetrievedPassage } from '../../retrieval/passage.ts';
import { type AnalysedQuestion, analyseQuestion, type SearchedTerm } from './analyse-question.ts';
import { coverageOf, matchTerms, type TermMatch } from './match-terms.ts';
import { type EvidenceSentence, type EvidenceToken, readSentences, readTokens } from './read-sentences.ts';
import { type SentenceFeatures, sentenceFeatures } from './sentence-features.ts';
import { sentenceWeights } from './sentence-weights.ts';

export type ScoredSentence = EvidenceSentence & {
  /** Linear score; differences are log odds of holding the answer. Headings and pair questions score -Infinity. */
  score: number;
  match: TermMatch;
  features: SentenceFeatures;
};

/** A question with its ranked passages, read once for reranking, judging and answering. */
export type Evidence = {
  question: AnalysedQuestion;
  passages: readonly RetrievedPassage[];
  /** In order of passage and place. */
  sentences: ScoredSentence[];
  /** For each passage: how its whole text matches the question. */
  passageMatches: TermMatch[];
};

/** Score that an answer sentence of a pair gains when the pair's question says all that is asked. */
const pairBonus = 10;
/** Score that all sentences under a heading gain when the heading says all that is asked. */
const headingBonus = 2;
/** Score that the items of a list gain when steps or a list are asked for. */
const listBonus = 1.5;

/**
 * Reads the ranked passages as evidence for a question: every sentence is scored as an answer by a linear model over
 * `sentenceFeatures`, fitted with a softmax over the sentences of each question (scripts/fit-evidence.ts).
 */
export function readEvidence(input: {
  question: string;
  terms: readonly SearchedTerm[];
  passages: readonly RetrievedPassage[];
  /** Words that address the persona, such as its name. */
  ignoredWords?: readonly string[];
}): Evidence {
  const question = analyseQuestion(input.question, input.terms, input.ignoredWords);
  const bestScore = input.passages.reduce((best, passage) => Math.max(best, passage.score), 0) || 1;
  const sentences: ScoredSentence[] = [];
  const passageMatches: TermMatch[] = [];
  for (const [rank, passage] of input.passages.entries()) {
    const read = readSentences(passage, rank);
    const words = read.flatMap((sentence) => sentence.tokens);
    const passageMatch = matchTerms(question, [...words, ...readTokens(passage.title)]);
    passageMatches.push(passageMatch);
    const relativeScore = passage.score / bestScore;
    sentences.push(...scorePassage({ question, passage, read, passageMatch, relativeScore, rank }));
  }
  return { question, passages: input.passages, sentences, passageMatches };
}

function scorePassage(input: {
  question: AnalysedQuestion;
  passage: RetrievedPassage;
  read: EvidenceSentence[];
  passageMatch: TermMatch;
  relativeScore: number;
  rank: number;
}): ScoredSentence[] {
  const { question, passage, read, passageMatch, relativeScore, rank } = input;
  const matches = read.map((sentence) => matchTerms(question, sentence.tokens));
  const headings = [passage.title, ...(passage.locator.heading_path ?? [])].join('\n');
  const titleTokens = readTokens(headings);
  const titleTerms = new Set(titleTokens.map((token) => token.term));
  const asked = read.filter((sentence) => sentence.role === 'pair-question');
  const pairMatch =
    asked.length > 0
      ? matchTerms(
          question,
          asked.flatMap((sentence) => sentence.tokens),
        )
      : undefined;
  // The question of a pair may tell a story first ("I feel alone. What can I do?"), so its nearest sentence counts.
  const pairCloseness = asked.reduce((most, { tokens }) => Math.max(most, closeness(question, tokens)), 0);
  const heading = readTokens(passage.locator.heading_path?.at(-1) ?? '');
  const bonus = pairBonus * pairCloseness ** 2 + headingBonus * closeness(question, heading);
  const beforeFirst = passage.locator.heading_path?.length ? matchTerms(question, titleTokens) : undefined;
  const asksForSteps = question.type === 'list' || question.type === 'how-to';
  return read.map((sentence, index) => {
    const match = matches[index] ?? passageMatch;
    const features = sentenceFeatures({
      question,
      sentence,
      match,
      previous: pairMatch && index > 0 ? pairMatch : (matches[leadOf(read, index)] ?? beforeFirst),
      next: matches[index + 1],
      passage: passageMatch,
      titleTerms,
      relativeScore,
      rank,
    });
    const isAnswer = sentence.role === 'prose' || sentence.role === 'item';
    // The answer of a pair is told in order, so later sentences gain a little less.
    const gain = bonus - (pairMatch ? 0.4 * (index - 1) : 0);
    const listGain = sentence.role === 'item' && asksForSteps ? listBonus : 0;
    return {
      ...sentence,
      match,
      features,
      score: isAnswer ? weighSentence(features) + gain + listGain : -Infinity,
    };
  });
}

/** Place of the sentence that leads to this one: the one before, or for a list item the one before the list. */
function leadOf(read: readonly EvidenceSentence[], index: number): number {
  let lead = index - 1;
  while (read[index]?.role === 'item' && read[lead]?.role === 'item') lead--;
  return lead;
}

/** The linear score of a sentence. */
export function weighSentence(features: SentenceFeatures): number {
  let score = 0;
  for (const name of Object.keys(sentenceWeights) as (keyof SentenceFeatures)[]) {
    score += sentenceWeights[name] * features[name];
  }
  return score;
}

/** How alike the question and a heading or another question are (0-1): the lower of the shares that each holds of the other. */
function closeness(question: AnalysedQuestion, asked: readonly EvidenceToken[]): number {
  const content = asked.filter((token) => !token.isStopWord);
  if (content.length === 0) return 0;
  const shared = content.filter(
    (token) =>
      question.positions.has(token.term) || question.terms.some((term) => term.related?.has(token.term)),
  );
  return Math.min(coverageOf(question, matchTerms(question, asked).soft), shared.length / content.length);
}
