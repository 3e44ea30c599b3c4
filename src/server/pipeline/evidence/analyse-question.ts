import type { PassageSearchResult } from '../../retrieval/passage-index.ts';
import { detectQuestionType, type QuestionType } from './question-type.ts';
import { type EvidenceToken, readTokens } from './read-sentences.ts';
import { relatedTerms } from './related-words.ts';

export type SearchedTerm = PassageSearchResult['terms'][number];

/** A content word of the question with all that a sentence may be matched by. */
export type QuestionTerm = SearchedTerm & {
  /** Folded surface form. */
  word: string;
  /** Stems that may stand for it. */
  related: ReadonlySet<string> | undefined;
  /** Written like a name: capitalised, and not only because it opens the question. */
  isName: boolean;
  isNumber: boolean;
  /** It asks ("tell", "want", "best") rather than names a subject. */
  isAsking: boolean;
};

/** Words that ask rather than name a subject weigh a quarter, since an answer need not repeat them. */
const askingWords = new Set(
  (
    'tell explain describe know want wonder wondering ask question advice tip tips suggest suggestion recommend help thank thanks hello hi hey ' +
    'thing things way ways think say idea ideas maybe actually like try need get got would good best better kind sort type mean let become deal handle happen go able learn example easier else matter'
  ).split(' '),
);

const askingShare = 0.25;
/** Behind "how" they ask for a measure, which an answer gives instead of naming it. */
const measureWords = new Set(['long', 'often', 'much', 'many', 'soon']);

export type AnalysedQuestion = {
  text: string;
  type: QuestionType;
  /** Every word in order, stop words included. */
  words: EvidenceToken[];
  /** Content terms in order; repeated terms once. */
  terms: QuestionTerm[];
  /** Index of each term in `terms`. */
  positions: ReadonlyMap<string, number>;
  /** Sum of the terms' idf, never 0. */
  totalIdf: number;
};

/**
 * Reads a question for matching. `searched` are the terms of the search with their idf in the collection; a term that
 * is missing there counts as unknown with the highest idf. A question of stop words alone keeps them as its terms.
 * `ignoredWords` (the persona's name) are no part of what is asked.
 */
export function analyseQuestion(
  text: string,
  searched: readonly SearchedTerm[],
  ignoredWords: readonly string[] = [],
): AnalysedQuestion {
  const ignored = new Set(ignoredWords.flatMap((word) => readTokens(word).map((token) => token.term)));
  const found = new Map(searched.map((entry) => [entry.term, entry]));
  const highestIdf = searched.reduce((highest, entry) => Math.max(highest, entry.idf), 1);
  const tokens = readTokens(text);
  const topical = tokens.filter((token) => !token.isStopWord);
  const unaddressed = topical.filter((token) => !ignored.has(token.term));
  const content = unaddressed.length > 0 ? unaddressed : topical;
  const positions = new Map<string, number>();
  const terms: QuestionTerm[] = [];
  for (const token of content.length > 0 ? content : tokens) {
    if (positions.has(token.term)) continue;
    positions.set(token.term, terms.length);
    const { idf, isKnown } = found.get(token.term) ?? { idf: highestIdf, isKnown: false };
    const isMeasure = measureWords.has(token.word) && tokens[tokens.indexOf(token) - 1]?.word === 'how';
    const isAsking = isMeasure || askingWords.has(token.word) || askingWords.has(token.term);
    terms.push({
      term: token.term,
      word: token.word,
      idf: isAsking ? idf * askingShare : idf,
      isKnown,
      related: relatedTerms(token.term),
      isName: token.isCapitalised && token.start > 0,
      isNumber: token.isNumber,
      isAsking,
    });
  }
  const totalIdf = terms.reduce((sum, term) => sum + term.idf, 0) || 1;
  return { text, type: detectQuestionType(text), words: tokens, terms, positions, totalIdf };
}
