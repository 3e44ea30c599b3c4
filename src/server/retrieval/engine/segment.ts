/** Raised whenever the bytes of a segment change meaning; older segments are then rebuilt from their passages. */
export const SEGMENT_FORMAT_VERSION = 1;

/** Passages of one segment are numbered in 16 bits. */
export const maximumSegmentPassages = 65_535;

/** How often a term stands in a passage: 4 bits for the text, 2 for the title, 2 for the heading path, each capped. */
export const maximumTextFrequency = 15;
export const maximumFieldFrequency = 3;

/**
 * An immutable piece of the index. Terms are ordered by hash; `local` numbers (0 to `passageCount - 1`) name passages
 * inside it. All arrays are views of one buffer.
 */
export type Segment = {
  passageCount: number;
  termCount: number;
  /** Length of each vector; 0 without vectors. */
  dimension: number;
  byteLength: number;
  passageIds: Float64Array;
  documentIds: Float64Array;
  /** Names that `namespaceOf` points into. */
  namespaces: string[];
  namespaceOf: Uint16Array;
  /** Indexed words of each passage's text, which BM25 normalises by. */
  textLengths: Uint16Array;
  hashes: Uint32Array;
  termOffsets: Uint32Array;
  termBytes: Buffer;
  /** Where the postings of each term begin; one longer than the terms. */
  postingOffsets: Uint32Array;
  postingPassages: Uint16Array;
  /** Packed frequencies: text | title << 4 | heading << 6. */
  postingFrequencies: Uint8Array;
  /** Where the words of each passage begin in `sequences`; one longer than the passages. */
  sequenceOffsets: Uint32Array;
  /** The words of a passage in order as term numbers: title, separator, heading path, separator, text. */
  sequences: Uint16Array | Uint32Array;
  /** Directions of the passages' vectors scaled to -127..127, all 0 for a passage without one. */
  vectors: Int8Array;
};

/** The number that parts the fields of a passage in `sequences`. */
export function separatorOf(segment: Pick<Segment, 'sequences'>): number {
  return segment.sequences.BYTES_PER_ELEMENT === 2 ? 0xffff : 0xffffffff;
}

/** FNV-1a over UTF-16 code units, 32 bits (draft-eastlake-fnv), with a final mix so that the high bits spread. */
export function hashTerm(term: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < term.length; index += 1) {
    hash = Math.imul(hash ^ term.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** The text of a term of a segment. */
export function termAt(segment: Segment, termNumber: number): string {
  return segment.termBytes.toString(
    'utf8',
    segment.termOffsets[termNumber],
    segment.termOffsets[termNumber + 1],
  );
}
