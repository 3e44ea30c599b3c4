import { findTerm, type LoadedSegment } from './loaded-segment.ts';
import type { RankingParameters } from './ranking-parameters.ts';
import type { Scope } from './scope.ts';
import { hashTerm } from './segment.ts';

/** A term of a question with where its postings are. */
export type LocatedTerm = {
  term: string;
  idf: number;
  /** Eligible passages that have it. */
  passageFrequency: number;
  places: { loaded: LoadedSegment; termNumber: number; start: number; end: number }[];
};

function countEligible(place: LocatedTerm['places'][number], eligible: Uint8Array): number {
  const { loaded, start, end } = place;
  const { postingPassages } = loaded.segment;
  let count = 0;
  for (let index = start; index < end; index += 1) count += eligible[loaded.base + postingPassages[index]!]!;
  return count;
}

/** Finds a term in every segment and works out its idf, ln(1 + (N - n + 0.5) / (n + 0.5)), over the scope. */
export function locateTerm(
  segments: readonly LoadedSegment[],
  options: { term: string; scope: Scope },
): LocatedTerm {
  const { term, scope } = options;
  const hash = hashTerm(term);
  const places: LocatedTerm['places'] = [];
  let passageFrequency = 0;
  for (const loaded of segments) {
    const termNumber = findTerm(loaded, term, hash);
    if (termNumber < 0) continue;
    const { postingOffsets } = loaded.segment;
    const place = {
      loaded,
      termNumber,
      start: postingOffsets[termNumber]!,
      end: postingOffsets[termNumber + 1]!,
    };
    places.push(place);
    passageFrequency += scope.isEverything ? place.end - place.start : countEligible(place, scope.eligible);
  }
  const idf = Math.log(1 + (scope.passageCount - passageFrequency + 0.5) / (passageFrequency + 0.5));
  return { term, idf, passageFrequency, places };
}

export type TermScorer = {
  /** Adds `weight` times the BM25F score of the term to each passage that has it. */
  score(located: LocatedTerm, options: { weight: number; scope: Scope; scores: Float32Array }): void;
  /** Adds the term's idf to each passage that has it. */
  cover(located: LocatedTerm, covered: Float32Array): void;
};

/**
 * The scorer of single terms: BM25F (Robertson, Zaragoza and Taylor, 2004), where occurrences in the title and heading
 * path count as weighted occurrences that no length dampens.
 */
export function createTermScorer(parameters: RankingParameters): TermScorer {
  const k1 = parameters.saturation;
  const textPart = Float32Array.from({ length: 256 }, (_, packed) => packed & 15);
  const fieldPart = Float32Array.from(
    { length: 256 },
    (_, packed) =>
      ((packed >> 4) & 3) * parameters.titleWeight + ((packed >> 6) & 3) * parameters.headingWeight,
  );
  return {
    score(located, { weight, scope, scores }) {
      const factor = weight * located.idf * (k1 + 1);
      const { inverseNorms } = scope;
      for (const { loaded, start, end } of located.places) {
        const { postingPassages, postingFrequencies } = loaded.segment;
        const { base } = loaded;
        for (let index = start; index < end; index += 1) {
          const passage = base + postingPassages[index]!;
          const packed = postingFrequencies[index]!;
          const frequency = textPart[packed]! * inverseNorms[passage]! + fieldPart[packed]!;
          scores[passage]! += (factor * frequency) / (frequency + k1);
        }
      }
    },
    cover(located, covered) {
      for (const { loaded, start, end } of located.places) {
        const { postingPassages } = loaded.segment;
        for (let index = start; index < end; index += 1) {
          covered[loaded.base + postingPassages[index]!]! += located.idf;
        }
      }
    },
  };
}
