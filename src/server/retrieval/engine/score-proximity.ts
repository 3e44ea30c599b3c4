import type { LoadedSegment } from './loaded-segment.ts';
import type { RankingParameters } from './ranking-parameters.ts';
import type { LocatedTerm } from './score-terms.ts';
import { separatorOf } from './segment.ts';

/** Per segment that has two of the terms, each term's place in the question plus one under its number, else 0. */
function numberTerms(terms: readonly LocatedTerm[]): Map<LoadedSegment, Uint8Array> {
  const counts = new Map<LoadedSegment, number>();
  for (const { places } of terms) {
    for (const { loaded } of places) counts.set(loaded, (counts.get(loaded) ?? 0) + 1);
  }
  const numbered = new Map<LoadedSegment, Uint8Array>();
  for (const [index, { places }] of terms.entries()) {
    for (const { loaded, termNumber } of places) {
      if ((counts.get(loaded) ?? 0) < 2) continue;
      const numbers = numbered.get(loaded) ?? new Uint8Array(loaded.segment.termCount);
      numbers[termNumber] = index + 1;
      numbered.set(loaded, numbers);
    }
  }
  return numbered;
}

/**
 * A function that gives the proximity bonus of a passage: neighbouring words of a question that stand close together
 * add idf / distance^2 to each other, dampened like term frequencies (BM25TP: Rasolofo and Savoy, 2003; Büttcher, Clarke
 * and Lushman, 2006).
 */
export function createProximityScorer(
  terms: readonly LocatedTerm[],
  options: { parameters: RankingParameters; inverseNorms: Float32Array },
): (loaded: LoadedSegment, local: number) => number {
  const { parameters, inverseNorms } = options;
  const { saturation: k1, proximityWindow, proximityWeight } = parameters;
  const numbered = numberTerms(terms);
  const idfOf = (index: number) => terms[index]?.idf ?? 0;
  const gains = new Float64Array(terms.length);

  return (loaded, local) => {
    const numbers = numbered.get(loaded);
    if (numbers === undefined) return 0;
    gains.fill(0);
    const { sequences, sequenceOffsets } = loaded.segment;
    const separator = separatorOf(loaded.segment);
    const end = sequenceOffsets[local + 1]!;
    let last = -1;
    let lastAt = 0;
    for (let at = sequenceOffsets[local]!; at < end; at += 1) {
      const word = sequences[at]!;
      if (word === separator) {
        last = -1;
        continue;
      }
      const index = numbers[word]! - 1;
      if (index < 0) continue;
      const distance = at - lastAt;
      if (last >= 0 && last !== index && distance <= proximityWindow) {
        gains[index]! += idfOf(last) / (distance * distance);
        gains[last]! += idfOf(index) / (distance * distance);
      }
      last = index;
      lastAt = at;
    }
    const damping = k1 / inverseNorms[loaded.base + local]!;
    let bonus = 0;
    for (const [index, gain] of gains.entries()) {
      if (gain > 0) bonus += (Math.min(1, idfOf(index)) * gain * (k1 + 1)) / (gain + damping);
    }
    return proximityWeight * bonus;
  };
}
