import { hashTerm, type Segment } from './segment.ts';
import { packSigns } from './sign-scanner.ts';

/** A segment in memory with what searching derives from it. */
export type LoadedSegment = {
  id: number;
  segment: Segment;
  /** Number of this segment's first passage among all loaded ones. */
  base: number;
  /** 1 for passages that are not deleted. */
  live: Uint8Array;
  deletedCount: number;
  /** First term of each range of hashes with the same high bits; one longer than the ranges. */
  buckets: Uint32Array;
  bucketShift: number;
  /** `packSigns` of the vectors. */
  signs: Uint8Array;
  /** Length of each vector as stored; 0 for a passage without one. */
  vectorNorms: Float32Array;
};

function bucketHashes(hashes: Uint32Array): { buckets: Uint32Array; bucketShift: number } {
  const bits = Math.max(1, Math.min(24, Math.ceil(Math.log2(hashes.length + 1))));
  const bucketShift = 32 - bits;
  const buckets = new Uint32Array((1 << bits) + 1);
  let term = 0;
  for (let bucket = 0; bucket < buckets.length; bucket += 1) {
    while (term < hashes.length && (hashes[term] ?? 0) >>> bucketShift < bucket) term += 1;
    buckets[bucket] = term;
  }
  return { buckets, bucketShift };
}

function measureVectors({ dimension, passageCount, vectors }: Segment): Float32Array {
  const norms = new Float32Array(passageCount);
  for (let passage = 0; passage < passageCount; passage += 1) {
    let squares = 0;
    for (let component = 0; component < dimension; component += 1) {
      const value = vectors[passage * dimension + component]!;
      squares += value * value;
    }
    norms[passage] = Math.sqrt(squares);
  }
  return norms;
}

/** Prepares a decoded segment for searching; `deletedIds` are passages that are gone already. */
export function loadSegment(options: {
  id: number;
  segment: Segment;
  deletedIds: ReadonlySet<number>;
}): LoadedSegment {
  const { id, segment, deletedIds } = options;
  const live = new Uint8Array(segment.passageCount).fill(1);
  let deletedCount = 0;
  if (deletedIds.size > 0) {
    for (const [local, passageId] of segment.passageIds.entries()) {
      if (!deletedIds.has(passageId)) continue;
      live[local] = 0;
      deletedCount += 1;
    }
  }
  const signs = packSigns(segment.vectors, Math.max(1, segment.dimension));
  const vectorNorms = measureVectors(segment);
  return { id, segment, base: 0, live, deletedCount, ...bucketHashes(segment.hashes), signs, vectorNorms };
}

/** The number of a term in a segment, or -1; `hash` is `hashTerm(term)`. */
export function findTerm(loaded: LoadedSegment, term: string, hash = hashTerm(term)): number {
  const { segment, buckets, bucketShift } = loaded;
  const bucket = hash >>> bucketShift;
  const end = buckets[bucket + 1] ?? 0;
  for (let number = buckets[bucket] ?? 0; number < end; number += 1) {
    if (segment.hashes[number] !== hash) continue;
    const text = segment.termBytes.toString(
      'utf8',
      segment.termOffsets[number],
      segment.termOffsets[number + 1],
    );
    if (text === term) return number;
  }
  return -1;
}
