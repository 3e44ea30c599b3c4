import { type AnswerShape, answerShape } from './answer-shape.ts';
import type { AnalysedQuestion } from './analyse-question.ts';
import { coverageOf, type TermMatch } from './match-terms.ts';
import type { EvidenceSentence, EvidenceToken } from './read-sentences.ts';

/** What a sentence is judged in: the question, its neighbours, its passage and the passage's rank. */
export type SentenceContext = {
  question: AnalysedQuestion;
  sentence: EvidenceSentence;
  match: TermMatch;
  /** Matches of the sentences around; a heading or the question of a pair counts as the one before. */
  previous: TermMatch | undefined;
  next: TermMatch | undefined;
  passage: TermMatch;
  titleTerms: ReadonlySet<string>;
  /** Score of the passage over that of the best one, and its rank from 0. */
  relativeScore: number;
  rank: number;
};

export type SentenceFeatures = {
  /** Idf share of the question that stands in the sentence: exactly, softly, and the soft share squared. */
  coverage: number;
  softCoverage: number;
  squaredCoverage: number;
  names: number;
  /** Neighbouring question terms that are neighbours in the sentence too. */
  pairs: number;
  /** Best idf share within 14 words. */
  window: number;
  density: number;
  /** Idf share that the sentence lacks and its neighbour or title has. */
  previousGain: number;
  nextGain: number;
  titleGain: number;
  passageCoverage: number;
  relativeScore: number;
  rankInverse: number;
  isFirst: number;
  logLength: number;
  /** The sentence only says what will be spoken of. */
  announces: number;
  opensWithPronoun: number;
  shape: number;
  shapeNear: number;
  lead: number;
  verb: number;
  defines: number;
  /** The sentence speaks of a case ("If you become sleepy ...") and the question names none. */
  conditional: number;
  /** Share of the question's word pairs, stop words included, that stand in the sentence. */
  wordPairs: number;
};

const windowWords = 14;
const pairDistanceWords = 4;
const leaningOpening =
  /^["“'(]?(?:it|its|he|she|they|their|his|her|this|these|those|that|such|however|therefore|thus|instead|also|but|and|so|then|otherwise|moreover|furthermore|for example|for instance|in addition|as a result|on the other hand)\b/iu;

const conditionalOpening = /^["“']?(?:if|when|whenever|unless|should you)\b/iu;
const condition = /\b(?:if|when|whenever|while|after|before|during)\b/iu;
const announcement =
  /^(?:\w+,? ){0,4}?(?:I (?:want|would like|am going) to|let (?:us|me)|we (?:will|shall)|I(?:'ll| will)) (?:now )?(?:talk|speak|tell|turn|look|begin with)\b|\b(?:this|today's|tonight's) (?:talk|article|chapter|section|page|question)\b|^(?:\w+,? ){0,3}?(?:people|students|somebody|someone) (?:\w+ )?asks? me\b|^(?:welcome|good (?:morning|evening|afternoon))\b|^sample content\b/iu;

/** Whether a sentence leans on the one before it ("This means ...", "They also ..."). */
export function opensWithPronoun(text: string): boolean {
  return leaningOpening.test(text);
}

/** The features of one sentence as an answer to the question. */
export function sentenceFeatures(context: SentenceContext): SentenceFeatures {
  const { question, sentence, match } = context;
  const shape: AnswerShape = answerShape(question, sentence);
  const softCoverage = coverageOf(question, match.soft);
  return {
    coverage: coverageOf(question, match.exact),
    softCoverage,
    squaredCoverage: softCoverage ** 2,
    ...nearness(question, sentence.tokens),
    ...gains(context),
    passageCoverage: coverageOf(question, context.passage.exact),
    relativeScore: context.relativeScore,
    rankInverse: 1 / (context.rank + 1),
    isFirst: sentence.sentenceIndex === 0 ? 1 : 0,
    logLength: Math.log(sentence.tokens.length + 1),
    announces: announcement.test(sentence.text) ? 1 : 0,
    opensWithPronoun: opensWithPronoun(sentence.text) ? 1 : 0,
    ...shape,
    conditional: conditionalOpening.test(sentence.text) && !condition.test(question.text) ? 1 : 0,
    wordPairs: sharedWordPairs(question.words, sentence.tokens),
  };
}

/** Share (0-1) of neighbouring words of a question that are neighbours in a text too, stop words included. */
export function sharedWordPairs(question: readonly EvidenceToken[], text: readonly EvidenceToken[]): number {
  const asked = wordPairs(question);
  const said = new Set(wordPairs(text));
  return asked.filter((pair) => said.has(pair)).length / Math.max(1, asked.length);
}

function wordPairs(tokens: readonly EvidenceToken[]): string[] {
  return tokens.slice(1).map((token, index) => `${tokens[index]?.term ?? ''} ${token.term}`);
}

function gains(
  context: SentenceContext,
): Pick<SentenceFeatures, 'names' | 'previousGain' | 'nextGain' | 'titleGain'> {
  const { question, match, previous, next } = context;
  let names = 0;
  let nameIdf = 0;
  let previousGain = 0;
  let nextGain = 0;
  let titleGain = 0;
  for (const [index, { term, idf, isName }] of question.terms.entries()) {
    if (isName) {
      nameIdf += idf;
      names += (match.exact[index] ?? 0) * idf;
    }
    if ((match.soft[index] ?? 0) > 0) continue;
    previousGain += (previous?.soft[index] ?? 0) * idf;
    nextGain += (next?.soft[index] ?? 0) * idf;
    if (context.titleTerms.has(term)) titleGain += idf;
  }
  const total = question.totalIdf;
  return {
    names: nameIdf === 0 ? 0 : names / nameIdf,
    previousGain: previousGain / total,
    nextGain: nextGain / total,
    titleGain: titleGain / total,
  };
}

function nearness(
  question: AnalysedQuestion,
  tokens: readonly EvidenceToken[],
): Pick<SentenceFeatures, 'pairs' | 'window' | 'density'> {
  const hits: { place: number; position: number }[] = [];
  for (const [place, token] of tokens.entries()) {
    const position = question.positions.get(token.term);
    if (position !== undefined) hits.push({ place, position });
  }
  const pairs = new Set<number>();
  let best = 0;
  for (const [index, hit] of hits.entries()) {
    const seen = new Set<number>();
    let weight = 0;
    for (const following of hits.slice(index)) {
      const distance = following.place - hit.place;
      if (distance > windowWords) break;
      if (following.position === hit.position + 1 && distance <= pairDistanceWords) pairs.add(hit.position);
      if (!seen.has(following.position)) weight += question.terms[following.position]?.idf ?? 0;
      seen.add(following.position);
    }
    best = Math.max(best, weight);
  }
  return {
    pairs: question.terms.length > 1 ? pairs.size / (question.terms.length - 1) : 0,
    window: best / question.totalIdf,
    density: hits.length / (tokens.length + 4),
  };
}
