import { type FeatureFocus, listTextFeatures, splitWords } from './text-features.ts';

/** A unit-length vector by its non-zero dimensions; both arrays have the same length. */
export type SparseVector = { ids: Int32Array; values: Float32Array };

export type FeatureSpace = {
  dimensions: number;
  /** The unit vector of a text; empty when none of its features is known. */
  vectorise(text: string): SparseVector;
  /** Share (0-1) of the text's word weight on words that no training text has; 1 for a text without words. */
  unknownShare(text: string): number;
};

// Chosen by cross-validation inside the CLINC150 training set, folds cut by contiguous blocks of utterances.
const blockWeights = [1, 0.7, 1.5] as const;
const idfPower = 0.5;
const textsBetweenPauses = 64;

function countFeatures(text: string, focus: FeatureFocus): Map<string, { count: number; block: 0 | 1 | 2 }> {
  const counts = new Map<string, { count: number; block: 0 | 1 | 2 }>();
  for (const { key, block } of listTextFeatures(text, focus)) {
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { count: 1, block });
    else known.count += 1;
  }
  return counts;
}

/**
 * Learns the feature space of some texts: every word, and the word pairs and character runs that at least two texts
 * share. Values are (1 + ln tf) * idf^0.5, each block scaled to unit length, weighted and the whole scaled to unit
 * length again (tf-idf after Salton and Buckley 1988). Yields between portions of the texts.
 */
export function* buildFeatureSpaceInSteps(
  texts: readonly string[],
  focus: FeatureFocus,
): Generator<undefined, FeatureSpace> {
  const documentCounts = new Map<string, { texts: number; block: 0 | 1 | 2 }>();
  for (const [position, text] of texts.entries()) {
    if (position % textsBetweenPauses === 0) yield;
    for (const [key, { block }] of countFeatures(text, focus)) {
      const known = documentCounts.get(key);
      if (known === undefined) documentCounts.set(key, { texts: 1, block });
      else known.texts += 1;
    }
  }
  const idf = (count: number) => Math.log((texts.length + 1) / (count + 1)) + 1;
  const vocabulary = new Map<string, { id: number; idf: number }>();
  for (const [key, { texts: count, block }] of documentCounts) {
    if (block === 0 || count > 1) vocabulary.set(key, { id: vocabulary.size, idf: idf(count) });
  }
  return {
    dimensions: vocabulary.size,
    vectorise: (text) => toUnitVector(countFeatures(text, focus), vocabulary),
    unknownShare(text) {
      let unknown = 0;
      let total = 0;
      for (const word of splitWords(text)) {
        const known = vocabulary.get(`w ${word}`);
        const weight = known?.idf ?? idf(0);
        total += weight;
        if (known === undefined) unknown += weight;
      }
      return total === 0 ? 1 : unknown / total;
    },
  };
}

function toUnitVector(
  counts: ReturnType<typeof countFeatures>,
  vocabulary: ReadonlyMap<string, { id: number; idf: number }>,
): SparseVector {
  const ids: number[] = [];
  const values: number[] = [];
  const blocks: (0 | 1 | 2)[] = [];
  const squares: [number, number, number] = [0, 0, 0];
  for (const [key, { count, block }] of counts) {
    const known = vocabulary.get(key);
    if (known === undefined) continue;
    const value = (1 + Math.log(count)) * known.idf ** idfPower;
    ids.push(known.id);
    values.push(value);
    blocks.push(block);
    squares[block] += value * value;
  }
  let total = 0;
  for (const [index, block] of blocks.entries()) {
    const value = ((values[index] ?? 0) * blockWeights[block]) / Math.sqrt(squares[block]);
    values[index] = value;
    total += value * value;
  }
  const scale = total === 0 ? 1 : 1 / Math.sqrt(total);
  return { ids: Int32Array.from(ids), values: Float32Array.from(values, (value) => value * scale) };
}
