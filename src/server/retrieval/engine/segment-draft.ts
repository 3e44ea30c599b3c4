import { createGrowingArray, type GrowingArray } from './growing-array.ts';

/** Everything a segment is made of, with terms numbered as they came. */
export type SegmentDraft = {
  dimension: number;
  passageIds: number[];
  documentIds: number[];
  namespaces: string[];
  namespaceOf: number[];
  textLengths: number[];
  terms: string[];
  /** Per passage: where its words begin, and the words as term numbers with `draftSeparator` between fields. */
  sequenceOffsets: GrowingArray;
  sequences: GrowingArray;
  /** Per passage its distinct terms with packed frequencies, in parallel lists. */
  pairOffsets: GrowingArray;
  pairTerms: GrowingArray;
  pairFrequencies: GrowingArray;
  vectors: Int8Array[];
};

/** Parts title, heading path and text in a draft's sequences. */
export const draftSeparator = 0xffffffff;

/** A draft without passages. */
export function createSegmentDraft(dimension: number): SegmentDraft {
  return {
    dimension,
    passageIds: [],
    documentIds: [],
    namespaces: [],
    namespaceOf: [],
    textLengths: [],
    terms: [],
    sequenceOffsets: createGrowingArray(),
    sequences: createGrowingArray(65_536),
    pairOffsets: createGrowingArray(),
    pairTerms: createGrowingArray(65_536),
    pairFrequencies: createGrowingArray(65_536),
    vectors: [],
  };
}
