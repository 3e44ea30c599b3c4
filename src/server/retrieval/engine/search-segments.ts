import type { Analyser } from '../analyse-text.ts';
import type { PassageCandidate, PassageQuery, PassageSearchResult } from '../passage-index.ts';
import { expandQuestion } from './expand-question.ts';
import { fuseScores } from './fuse-scores.ts';
import type { LoadedSegment } from './loaded-segment.ts';
import type { RankingParameters } from './ranking-parameters.ts';
import { scanVectors } from './scan-vectors.ts';
import type { Scope } from './scope.ts';
import { createProximityScorer } from './score-proximity.ts';
import { createTermScorer, type LocatedTerm, locateTerm } from './score-terms.ts';
import { selectTop } from './select-top.ts';
import type { SignScanner } from './sign-scanner.ts';

/** Longer questions are judged by their rarest terms. */
const maximumQuestionTerms = 64;

type QuestionTerms = {
  located: LocatedTerm[];
  terms: PassageSearchResult['terms'];
  isCovering: Set<LocatedTerm>;
};

type LexicalResult = { ranked: Map<number, number>; plain: Map<number, number>; covered: Float32Array };

export type SearchContext = {
  segments: readonly LoadedSegment[];
  scope: Scope;
  /** Undefined when the index holds no vectors; the question's vector is then ignored. */
  scanner: SignScanner | undefined;
};

/** Where a passage number stands: its segment and its number inside it. */
function placeOf(
  segments: readonly LoadedSegment[],
  passage: number,
): { loaded: LoadedSegment; local: number } {
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (segments[middle]!.base <= passage) low = middle;
    else high = middle - 1;
  }
  const loaded = segments[low]!;
  return { loaded, local: passage - loaded.base };
}

/** The question's distinct terms; joined forms of hyphenated words help to rank but are not asked to be covered. */
function readQuestion(text: string, options: { analyser: Analyser; context: SearchContext }): QuestionTerms {
  const { segments, scope } = options.context;
  const isJoinedByTerm = new Map<string, boolean>();
  for (const token of options.analyser.analyseText(text)) {
    if (token.isStopWord || token.term === '') continue;
    isJoinedByTerm.set(token.term, token.isJoined && (isJoinedByTerm.get(token.term) ?? true));
  }
  const located = Array.from(isJoinedByTerm.keys(), (term) => locateTerm(segments, { term, scope }))
    .sort((left, right) => right.idf - left.idf)
    .slice(0, maximumQuestionTerms);
  const isCovering = new Set(located.filter(({ term }) => isJoinedByTerm.get(term) === false));
  const order = new Map(Array.from(isJoinedByTerm.keys(), (term, index) => [term, index]));
  const terms = Array.from(isCovering, ({ term, idf, passageFrequency }) => ({
    term,
    idf,
    isKnown: passageFrequency > 0,
  }));
  terms.sort((left, right) => (order.get(left.term) ?? 0) - (order.get(right.term) ?? 0));
  return { located: located.filter(({ passageFrequency }) => passageFrequency > 0), terms, isCovering };
}

/** The searcher of loaded segments. It is stateless but for the buffers that it reuses. */
export function createSegmentSearcher(options: { analyser: Analyser; parameters: RankingParameters }) {
  const { analyser, parameters } = options;
  const scorer = createTermScorer(parameters);
  let buffers = { scores: new Float32Array(0), covered: new Float32Array(0) };

  const prepareBuffers = (length: number) => {
    if (buffers.scores.length !== length) {
      buffers = { scores: new Float32Array(length), covered: new Float32Array(length) };
    } else {
      buffers.scores.fill(0);
      buffers.covered.fill(0);
    }
    return buffers;
  };

  /** Scores by words: BM25F, proximity, then once more with what the best passages have in common. */
  const searchWords = (
    question: QuestionTerms,
    context: SearchContext & { limit: number },
  ): LexicalResult => {
    const { segments, scope } = context;
    const { scores, covered } = prepareBuffers(scope.eligible.length);
    for (const located of question.located) {
      scorer.score(located, { weight: 1, scope, scores });
      if (question.isCovering.has(located)) scorer.cover(located, covered);
    }
    const limit = Math.max(parameters.proximityPassages, context.limit);
    const proximity = createProximityScorer(question.located, {
      parameters,
      inverseNorms: scope.inverseNorms,
    });
    const bonuses = new Map<number, number>();
    const plain = new Map<number, number>();
    const withBonus = (passage: number) => {
      const { loaded, local } = placeOf(segments, passage);
      const bonus = bonuses.get(passage) ?? proximity(loaded, local);
      bonuses.set(passage, bonus);
      return scores[passage]! + bonus;
    };
    for (const passage of selectTop(scores, { eligible: scope.eligible, limit })) {
      plain.set(passage, withBonus(passage));
    }
    const feedback = [...plain]
      .sort((left, right) => right[1] - left[1] || left[0] - right[0])
      .slice(0, parameters.feedbackPassages)
      .map(([passage, score]) => ({ ...placeOf(segments, passage), score }));
    const expansion = expandQuestion(feedback, {
      segments,
      scope,
      parameters,
      questionWeight: question.located.length,
    });
    for (const { located, weight } of expansion) scorer.score(located, { weight, scope, scores });
    const ranked = new Map<number, number>();
    for (const passage of selectTop(scores, { eligible: scope.eligible, limit })) {
      ranked.set(passage, withBonus(passage));
    }
    return { ranked, plain, covered };
  };

  return (query: PassageQuery, context: SearchContext): PassageSearchResult => {
    const { segments, scope } = context;
    const question = readQuestion(query.text, { analyser, context });
    const depth = Math.max(200, query.limit * 2);
    const words = searchWords(question, {
      ...context,
      limit: query.vector === undefined ? query.limit : depth,
    });
    const nearest =
      query.vector === undefined || context.scanner === undefined
        ? []
        : scanVectors(segments, {
            vector: query.vector,
            scanner: context.scanner,
            eligible: scope.eligible,
            rescored: Math.max(parameters.rescoredVectors, depth),
            limit: depth,
          });
    const cosines = new Map(nearest.map(({ passage, cosine }) => [passage, cosine]));
    const fused = fuseScores({ lexical: words.ranked, cosines, vectorWeight: parameters.vectorWeight });
    const mass = question.terms.reduce((sum, { idf }) => sum + idf, 0);
    const boosted = new Set(query.boostedNamespaces);
    const candidates = Array.from(fused, ([passage, score]): PassageCandidate => {
      const { loaded, local } = placeOf(segments, passage);
      const { segment } = loaded;
      const namespace = segment.namespaces[segment.namespaceOf[local]!] ?? '';
      const lexicalScore = words.plain.get(passage);
      const vectorScore = cosines.get(passage);
      return {
        passageId: segment.passageIds[local]!,
        documentId: segment.documentIds[local]!,
        namespace,
        score: boosted.has(namespace) ? score * parameters.namespaceBoost : score,
        ...(lexicalScore === undefined ? {} : { lexicalScore }),
        ...(vectorScore === undefined ? {} : { vectorScore }),
        coverage: mass > 0 ? Math.min(1, words.covered[passage]! / mass) : 0,
      };
    });
    candidates.sort((left, right) => right.score - left.score || left.passageId - right.passageId);
    return { candidates: candidates.slice(0, query.limit), terms: question.terms };
  };
}
