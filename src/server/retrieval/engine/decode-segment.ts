import { crc32 } from 'node:zlib';

import { AppError } from '../../errors.ts';
import { maximumSegmentPassages, type Segment, SEGMENT_FORMAT_VERSION, separatorOf } from './segment.ts';
import {
  headerLength,
  layoutSegment,
  type SegmentCounts,
  type SegmentLayout,
  segmentMagic,
} from './segment-layout.ts';

function damaged(what: string): AppError {
  return new AppError(
    'unavailable',
    `A segment of the search index is damaged (${what}). Rebuild the index from its passages with "wwhd reindex".`,
  );
}

function readCounts(view: DataView): SegmentCounts {
  const word = (index: number) => view.getUint32(index * 4, true);
  return {
    passageCount: word(3),
    termCount: word(4),
    postingCount: word(5),
    sequenceCount: word(6),
    sequenceWidth: word(7),
    dimension: word(8),
    termBytesLength: word(9),
    namespacesLength: word(10),
  };
}

function readLayout(bytes: Uint8Array): { counts: SegmentCounts; layout: SegmentLayout } {
  if (bytes.byteLength < headerLength) throw damaged('too short');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== segmentMagic) throw damaged('not a segment');
  const version = view.getUint32(4, true);
  if (version !== SEGMENT_FORMAT_VERSION)
    throw damaged(`format ${version}, this program reads ${SEGMENT_FORMAT_VERSION}`);
  const counts = readCounts(view);
  if (counts.sequenceWidth !== 2 && counts.sequenceWidth !== 4) throw damaged('word width');
  if (counts.passageCount > maximumSegmentPassages) throw damaged('passage count');
  const layout = layoutSegment(counts);
  if (layout.byteLength !== bytes.byteLength) throw damaged('length');
  if (view.getUint32(8, true) !== crc32(bytes.subarray(12))) throw damaged('checksum');
  return { counts, layout };
}

function requireOffsets(offsets: Uint32Array, end: number): void {
  let last = 0;
  for (const offset of offsets) {
    if (offset < last || offset > end) throw damaged('offsets');
    last = offset;
  }
  if (offsets[0] !== 0 || last !== end) throw damaged('offsets');
}

function requireBelow(numbers: Uint16Array | Uint32Array, options: { limit: number; except?: number }): void {
  const { limit, except = -1 } = options;
  for (const number of numbers) if (number >= limit && number !== except) throw damaged('numbers');
}

function requireSorted(hashes: Uint32Array): void {
  let last = 0;
  for (const hash of hashes) {
    if (hash < last) throw damaged('term order');
    last = hash;
  }
}

function readNamespaces(bytes: Uint8Array): string[] {
  try {
    const names: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  } catch (cause) {
    throw new AppError('unavailable', damaged('namespaces').message, { cause });
  }
  throw damaged('namespaces');
}

/**
 * Reads a segment from its stored bytes as views, copying only when the bytes are not aligned to 8. Length, checksum,
 * offsets and every number that points somewhere are checked.
 * @throws AppError `unavailable` when the bytes are not a whole segment of this format
 */
export function decodeSegment(stored: Uint8Array): Segment {
  const bytes = stored.byteOffset % 8 === 0 ? stored : new Uint8Array(stored);
  const { counts, layout } = readLayout(bytes);
  const { sections } = layout;
  const at = (name: keyof typeof sections) => bytes.byteOffset + sections[name].offset;
  const u32 = (name: keyof typeof sections) => new Uint32Array(bytes.buffer, at(name), sections[name].length);
  const u16 = (name: keyof typeof sections) => new Uint16Array(bytes.buffer, at(name), sections[name].length);
  const u8 = (name: keyof typeof sections) => new Uint8Array(bytes.buffer, at(name), sections[name].length);
  const f64 = (name: keyof typeof sections) =>
    new Float64Array(bytes.buffer, at(name), sections[name].length);
  const segment: Segment = {
    passageCount: counts.passageCount,
    termCount: counts.termCount,
    dimension: counts.dimension,
    byteLength: bytes.byteLength,
    passageIds: f64('passageIds'),
    documentIds: f64('documentIds'),
    namespaces: readNamespaces(u8('namespaces')),
    namespaceOf: u16('namespaceOf'),
    textLengths: u16('textLengths'),
    hashes: u32('hashes'),
    termOffsets: u32('termOffsets'),
    termBytes: Buffer.from(bytes.buffer, at('termBytes'), sections.termBytes.length),
    postingOffsets: u32('postingOffsets'),
    postingPassages: u16('postingPassages'),
    postingFrequencies: u8('postingFrequencies'),
    sequenceOffsets: u32('sequenceOffsets'),
    sequences: counts.sequenceWidth === 2 ? u16('sequences') : u32('sequences'),
    vectors: new Int8Array(bytes.buffer, at('vectors'), sections.vectors.length),
  };
  requireOffsets(segment.termOffsets, counts.termBytesLength);
  requireOffsets(segment.postingOffsets, counts.postingCount);
  requireOffsets(segment.sequenceOffsets, counts.sequenceCount);
  requireSorted(segment.hashes);
  requireBelow(segment.postingPassages, { limit: counts.passageCount });
  requireBelow(segment.namespaceOf, { limit: segment.namespaces.length });
  requireBelow(segment.sequences, { limit: counts.termCount, except: separatorOf(segment) });
  return segment;
}
