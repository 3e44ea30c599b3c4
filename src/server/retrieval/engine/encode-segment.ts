import { crc32 } from 'node:zlib';

import { hashTerm, SEGMENT_FORMAT_VERSION } from './segment.ts';
import { draftSeparator, type SegmentDraft } from './segment-draft.ts';
import { layoutSegment, segmentMagic } from './segment-layout.ts';

/** The terms of a draft ordered by hash and then by text, so that equal drafts give equal bytes. */
function orderTerms(terms: readonly string[]): {
  order: Uint32Array;
  numberOf: Uint32Array;
  hashes: Uint32Array;
} {
  const drafted = Uint32Array.from(terms, hashTerm);
  const order = Uint32Array.from(terms.keys()).sort((left, right) => {
    const difference = (drafted[left] ?? 0) - (drafted[right] ?? 0);
    if (difference !== 0) return difference;
    return (terms[left] ?? '') < (terms[right] ?? '') ? -1 : 1;
  });
  const numberOf = new Uint32Array(terms.length);
  for (const [number, drafted] of order.entries()) numberOf[drafted] = number;
  return { order, numberOf, hashes: order.map((number) => drafted[number] ?? 0) };
}

/** Turns the term lists of the passages round into one list of passages per term, passages ascending. */
function invert(draft: SegmentDraft, numberOf: Uint32Array) {
  const pairTerms = draft.pairTerms.view();
  const frequencies = draft.pairFrequencies.view();
  const pairOffsets = draft.pairOffsets.view();
  const offsets = new Uint32Array(draft.terms.length + 1);
  for (const term of pairTerms) {
    const slot = (numberOf[term] ?? 0) + 1;
    offsets[slot] = (offsets[slot] ?? 0) + 1;
  }
  for (let index = 1; index < offsets.length; index += 1) {
    offsets[index] = (offsets[index] ?? 0) + (offsets[index - 1] ?? 0);
  }
  const next = offsets.slice();
  const passages = new Uint16Array(pairTerms.length);
  const packed = new Uint8Array(pairTerms.length);
  for (let passage = 0; passage < draft.passageIds.length; passage += 1) {
    const end = pairOffsets[passage + 1] ?? pairTerms.length;
    for (let index = pairOffsets[passage] ?? 0; index < end; index += 1) {
      const term = numberOf[pairTerms[index] ?? 0] ?? 0;
      const slot = next[term] ?? 0;
      next[term] = slot + 1;
      passages[slot] = passage;
      packed[slot] = frequencies[index] ?? 0;
    }
  }
  return { offsets, passages, packed };
}

function encodeTerms(draft: SegmentDraft, order: Uint32Array): { bytes: Buffer; offsets: Uint32Array } {
  const offsets = new Uint32Array(order.length + 1);
  const pieces = Array.from(order, (number) => Buffer.from(draft.terms[number] ?? '', 'utf8'));
  let at = 0;
  for (const [index, piece] of pieces.entries()) {
    at += piece.length;
    offsets[index + 1] = at;
  }
  return { bytes: Buffer.concat(pieces), offsets };
}

function renumberSequences(draft: SegmentDraft, numberOf: Uint32Array): Uint16Array | Uint32Array {
  const drafted = draft.sequences.view();
  const sequences =
    draft.terms.length < 0xffff ? new Uint16Array(drafted.length) : new Uint32Array(drafted.length);
  // 0xffffffff becomes 0xffff by itself in the narrow form.
  for (const [index, term] of drafted.entries()) {
    sequences[index] = term === draftSeparator ? draftSeparator : (numberOf[term] ?? 0);
  }
  return sequences;
}

/**
 * The stored form of a segment, little-endian: magic, version, CRC-32 of all that follows, counts, then the sections of
 * `layoutSegment`. Equal drafts give equal bytes.
 */
export function encodeSegment(draft: SegmentDraft): Uint8Array {
  const { order, numberOf, hashes } = orderTerms(draft.terms);
  const postings = invert(draft, numberOf);
  const terms = encodeTerms(draft, order);
  const sequences = renumberSequences(draft, numberOf);
  const namespaces = Buffer.from(JSON.stringify(draft.namespaces), 'utf8');
  const counts = {
    passageCount: draft.passageIds.length,
    termCount: draft.terms.length,
    postingCount: postings.passages.length,
    sequenceCount: sequences.length,
    sequenceWidth: sequences.BYTES_PER_ELEMENT,
    dimension: draft.dimension,
    termBytesLength: terms.bytes.length,
    namespacesLength: namespaces.length,
  };
  const { sections, byteLength } = layoutSegment(counts);
  const bytes = new Uint8Array(byteLength);
  const write = (name: keyof typeof sections, values: ArrayBufferView) => {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), sections[name].offset);
  };
  write('passageIds', Float64Array.from(draft.passageIds));
  write('documentIds', Float64Array.from(draft.documentIds));
  write('namespaceOf', Uint16Array.from(draft.namespaceOf));
  write('textLengths', Uint16Array.from(draft.textLengths));
  write('hashes', hashes);
  write('termOffsets', terms.offsets);
  write('termBytes', terms.bytes);
  write('postingOffsets', postings.offsets);
  write('postingPassages', postings.passages);
  write('postingFrequencies', postings.packed);
  write('sequenceOffsets', Uint32Array.from([...draft.sequenceOffsets.view(), sequences.length]));
  write('sequences', sequences);
  for (const [passage, vector] of draft.vectors.entries()) {
    bytes.set(
      new Uint8Array(vector.buffer, vector.byteOffset, vector.length),
      sections.vectors.offset + passage * draft.dimension,
    );
  }
  write('namespaces', namespaces);
  const header = new DataView(bytes.buffer);
  const words = [segmentMagic, SEGMENT_FORMAT_VERSION, 0, ...Object.values(counts)];
  for (const [index, word] of words.entries()) header.setUint32(index * 4, word, true);
  header.setUint32(8, crc32(bytes.subarray(12)), true);
  return bytes;
}
