import { type LoadedSegment, signWords } from './loaded-segment.ts';

const wordMask = 0x33333333;
const byteMask = 0x0f0f0f0f;

/** Bits that differ between a question's signs and a passage's; three words are added in nibbles before each fold. */
export function countDifferences(signs: Uint32Array, question: Uint32Array, offset: number): number {
  let bytes = 0;
  let nibbles = 0;
  let held = 0;
  let total = 0;
  for (let word = 0; word < question.length; word += 1) {
    let bits = signs[offset + word]! ^ question[word]!;
    bits = (bits - ((bits >>> 1) & 0x55555555)) | 0;
    nibbles = (nibbles + (bits & wordMask) + ((bits >>> 2) & wordMask)) | 0;
    held += 1;
    if (held % 3 === 0 || word === question.length - 1) {
      bytes += (nibbles & byteMask) + ((nibbles >>> 4) & byteMask);
      nibbles = 0;
    }
    // A byte holds 24 differences per fold, so it must be emptied before the eleventh.
    if (held === 24 || word === question.length - 1) {
      bytes = (bytes & 0x00ff00ff) + ((bytes >>> 8) & 0x00ff00ff);
      total += (bytes & 0xffff) + (bytes >>> 16);
      bytes = 0;
      held = 0;
    }
  }
  return total;
}

function signsOf(vector: Float32Array): Uint32Array {
  const signs = new Uint32Array(signWords(vector.length));
  for (const [component, value] of vector.entries()) {
    if (value > 0) signs[component >>> 5]! |= 1 << (component & 31);
  }
  return signs;
}

/** The largest number of differences that leaves at most about `limit` passages, from a histogram. */
function cutOff(histogram: Uint32Array, limit: number): number {
  let kept = 0;
  for (const [differences, count] of histogram.entries()) {
    kept += count;
    if (kept >= limit) return differences;
  }
  return histogram.length;
}

function cosine(
  loaded: LoadedSegment,
  options: { local: number; vector: Float32Array; norm: number },
): number {
  const { local, vector, norm } = options;
  const { vectors, dimension } = loaded.segment;
  const offset = local * dimension;
  let sum = 0;
  for (let component = 0; component < dimension; component += 1) {
    sum += vectors[offset + component]! * vector[component]!;
  }
  return sum / (loaded.vectorNorms[local]! * norm);
}

/**
 * The passages nearest to a vector by cosine, best first: sign bits of all are compared (random hyperplane hashing,
 * Charikar, 2002), the best `rescored` number by number. Passages without a vector are never found.
 */
export function scanVectors(
  segments: readonly LoadedSegment[],
  options: { vector: Float32Array; eligible: Uint8Array; rescored: number; limit: number },
): { passage: number; cosine: number }[] {
  const { vector, eligible, rescored, limit } = options;
  const question = signsOf(vector);
  const norm = Math.hypot(...vector);
  if (norm === 0) return [];
  const differences = new Uint16Array(eligible.length).fill(0xffff);
  const histogram = new Uint32Array(vector.length + 1);
  for (const { segment, base, signBits, vectorNorms } of segments) {
    if (segment.dimension !== vector.length) continue;
    for (let local = 0; local < segment.passageCount; local += 1) {
      if (eligible[base + local] === 0 || vectorNorms[local] === 0) continue;
      const count = countDifferences(signBits, question, local * question.length);
      differences[base + local] = count;
      histogram[count]! += 1;
    }
  }
  const most = cutOff(histogram, rescored);
  const found: { passage: number; cosine: number }[] = [];
  for (const loaded of segments) {
    for (let local = 0; local < loaded.segment.passageCount; local += 1) {
      if (differences[loaded.base + local]! > most) continue;
      found.push({ passage: loaded.base + local, cosine: cosine(loaded, { local, vector, norm }) });
    }
  }
  return found
    .sort((left, right) => right.cosine - left.cosine || left.passage - right.passage)
    .slice(0, limit);
}
