import type { LoadedSegment } from './loaded-segment.ts';
import type { RankingParameters } from './ranking-parameters.ts';
import type { Scope } from './scope.ts';
import { type LocatedTerm, locateTerm } from './score-terms.ts';
import { separatorOf, termAt } from './segment.ts';

export type FeedbackPassage = { loaded: LoadedSegment; local: number; score: number };

/** Words of the best passages that are looked up, the most frequent ones first. */
const considered = 120;

/** Where the text of a passage begins in the sequences of its segment, after title and heading path. */
function textStart(loaded: LoadedSegment, local: number): number {
  const { sequences, sequenceOffsets } = loaded.segment;
  const separator = separatorOf(loaded.segment);
  let at = sequenceOffsets[local]!;
  for (let fields = 0; fields < 2; at += 1) if (sequences[at] === separator) fields += 1;
  return at;
}

/** Each term of the passages with its share of their words, better passages counting more. */
function weighTerms(passages: readonly FeedbackPassage[], sharpness: number): [string, number][] {
  const best = Math.max(...passages.map(({ score }) => score));
  const weights = new Map<string, number>();
  for (const { loaded, local, score } of passages) {
    const { segment } = loaded;
    const start = textStart(loaded, local);
    const end = segment.sequenceOffsets[local + 1]!;
    const share = (score / best) ** sharpness / Math.max(1, end - start);
    const counts = new Map<number, number>();
    for (let at = start; at < end; at += 1) {
      const word = segment.sequences[at]!;
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    for (const [word, count] of counts) {
      const term = termAt(segment, word);
      weights.set(term, (weights.get(term) ?? 0) + share * count);
    }
  }
  return [...weights].sort((left, right) => right[1] - left[1]).slice(0, considered);
}

/**
 * Terms that the best passages share and the question lacks or should stress, with weights that add up to
 * `feedbackShare` of the whole: the relevance model RM3 (Lavrenko and Croft, 2001; Abdul-Jaleel et al., 2004) with idf.
 * @param options.questionWeight sum of the weights of the question's own terms
 */
export function expandQuestion(
  passages: readonly FeedbackPassage[],
  options: {
    segments: readonly LoadedSegment[];
    scope: Scope;
    parameters: RankingParameters;
    questionWeight: number;
  },
): { located: LocatedTerm; weight: number }[] {
  const { segments, scope, parameters, questionWeight } = options;
  if (passages.length === 0 || parameters.feedbackTerms === 0) return [];
  const mostFrequent = scope.passageCount * parameters.feedbackCommonShare;
  const known: { located: LocatedTerm; weight: number }[] = [];
  for (const [term, weight] of weighTerms(passages, parameters.feedbackSharpness)) {
    const located = locateTerm(segments, { term, scope });
    if (located.passageFrequency < 2 || located.passageFrequency > mostFrequent) continue;
    known.push({ located, weight: weight * located.idf });
  }
  const chosen = known.sort((left, right) => right.weight - left.weight).slice(0, parameters.feedbackTerms);
  const sum = chosen.reduce((total, { weight }) => total + weight, 0);
  const scale =
    (questionWeight * parameters.feedbackShare) / (1 - parameters.feedbackShare) / Math.max(sum, 1e-9);
  return chosen.map(({ located, weight }) => ({ located, weight: weight * scale }));
}
