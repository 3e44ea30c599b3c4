export type SegmentCounts = {
  passageCount: number;
  termCount: number;
  postingCount: number;
  sequenceCount: number;
  /** Bytes per term number in the sequences, 2 or 4. */
  sequenceWidth: number;
  dimension: number;
  termBytesLength: number;
  namespacesLength: number;
};

export type SectionName =
  | 'passageIds'
  | 'documentIds'
  | 'namespaceOf'
  | 'textLengths'
  | 'hashes'
  | 'termOffsets'
  | 'termBytes'
  | 'postingOffsets'
  | 'postingPassages'
  | 'postingFrequencies'
  | 'sequenceOffsets'
  | 'sequences'
  | 'vectors'
  | 'namespaces';

export type SegmentLayout = {
  sections: Record<SectionName, { offset: number; length: number }>;
  byteLength: number;
};

/** Magic, version, checksum and the eight counts, in 32-bit words, padded to 8 bytes. */
export const headerLength = 48;
export const segmentMagic = 0x47535757;

/** Where each section of a segment stands (byte offset, length in elements); sections begin at multiples of 8 bytes. */
export function layoutSegment(counts: SegmentCounts): SegmentLayout {
  const { passageCount, termCount, postingCount, sequenceCount, sequenceWidth, dimension } = counts;
  let at = headerLength;
  const place = (length: number, width: number) => {
    const section = { offset: at, length };
    at += Math.ceil((length * width) / 8) * 8;
    return section;
  };
  const sections = {
    passageIds: place(passageCount, 8),
    documentIds: place(passageCount, 8),
    namespaceOf: place(passageCount, 2),
    textLengths: place(passageCount, 2),
    hashes: place(termCount, 4),
    termOffsets: place(termCount + 1, 4),
    termBytes: place(counts.termBytesLength, 1),
    postingOffsets: place(termCount + 1, 4),
    postingPassages: place(postingCount, 2),
    postingFrequencies: place(postingCount, 1),
    sequenceOffsets: place(passageCount + 1, 4),
    sequences: place(sequenceCount, sequenceWidth),
    vectors: place(passageCount * dimension, 1),
    namespaces: place(counts.namespacesLength, 1),
  };
  return { sections, byteLength: at };
}
