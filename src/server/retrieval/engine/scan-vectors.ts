import { type LoadedSegment, signWords } from './loaded-segment.ts';

const pairMask = 0x55555555;
const nibbleMask = 0x33333333;
const byteMask = 0x0f0f0f0f;
const questionScale = 2_047;
/** Words after which the bytes that count are emptied: ten folds of at most 24 stay below 256. */
const wordsPerFold = 30;

/**
 * Bits that differ between a question's signs and a passage's that begin at `offset`. Three words at a time are counted
 * in parallel (SWAR population count: Warren, Hacker's Delight, 5-1), so lengths are multiples of three.
 */
export function countDifferences(signs: Int32Array, question: Int32Array, offset: number): number {
  const { length } = question;
  let total = 0;
  let word = 0;
  while (word < length) {
    const end = word + wordsPerFold < length ? word + wordsPerFold : length;
    let bytes = 0;
    for (; word < end; word += 3) {
      let first = signs[offset + word]! ^ question[word]!;
      let second = signs[offset + word + 1]! ^ question[word + 1]!;
      let third = signs[offset + word + 2]! ^ question[word + 2]!;
      first = (first - ((first >>> 1) & pairMask)) | 0;
      second = (second - ((second >>> 1) & pairMask)) | 0;
      third = (third - ((third >>> 1) & pairMask)) | 0;
      let nibbles = ((first & nibbleMask) + ((first >>> 2) & nibbleMask)) | 0;
      nibbles = (nibbles + (second & nibbleMask) + ((second >>> 2) & nibbleMask)) | 0;
      nibbles = (nibbles + (third & nibbleMask) + ((third >>> 2) & nibbleMask)) | 0;
      bytes = (bytes + (nibbles & byteMask) + ((nibbles >>> 4) & byteMask)) | 0;
    }
    bytes = ((bytes & 0x00ff00ff) + ((bytes >>> 8) & 0x00ff00ff)) | 0;
    total = (total + (bytes & 0xffff) + (bytes >>> 16)) | 0;
  }
  return total;
}

function signsOf(vector: Float32Array): Int32Array {
  const signs = new Int32Array(signWords(vector.length));
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

/** A question's direction in whole numbers, fine enough that only the passages' rounding counts. */
function scaleQuestion(vector: Float32Array): { numbers: Int32Array; norm: number } {
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const numbers = Int32Array.from(vector, (value) => Math.round((value / largest) * questionScale));
  return { numbers, norm: Math.sqrt(numbers.reduce((sum, value) => sum + value * value, 0)) };
}

/** Sum of products; whole numbers of 8 and 12 bits stay within 32 bits up to 8,000 components. */
function multiply(vectors: Int8Array, numbers: Int32Array, offset: number): number {
  let even = 0;
  let odd = 0;
  const paired = numbers.length & ~1;
  for (let component = 0; component < paired; component += 2) {
    even = (even + Math.imul(vectors[offset + component]!, numbers[component]!)) | 0;
    odd = (odd + Math.imul(vectors[offset + component + 1]!, numbers[component + 1]!)) | 0;
  }
  if (paired < numbers.length) even += vectors[offset + paired]! * numbers[paired]!;
  return even + odd;
}

function compareSigns(
  loaded: LoadedSegment,
  state: { question: Int32Array; eligible: Uint8Array; differences: Uint16Array; histogram: Uint32Array },
): void {
  const { question, eligible, differences, histogram } = state;
  const { base, signBits, vectorNorms } = loaded;
  const { passageCount } = loaded.segment;
  const { length } = question;
  for (let local = 0, offset = 0; local < passageCount; local += 1, offset += length) {
    if (eligible[base + local] === 0 || vectorNorms[local] === 0) continue;
    const count = countDifferences(signBits, question, offset);
    differences[base + local] = count;
    histogram[count]! += 1;
  }
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
  const { numbers, norm } = scaleQuestion(vector);
  if (!(norm > 0)) return [];
  const differences = new Uint16Array(eligible.length).fill(0xffff);
  const histogram = new Uint32Array(vector.length + 1);
  for (const loaded of segments) {
    if (loaded.segment.dimension === vector.length) compareSigns(loaded, { question, eligible, differences, histogram });
  }
  const most = cutOff(histogram, rescored);
  const found: { passage: number; cosine: number }[] = [];
  for (const { segment, base, vectorNorms } of segments) {
    for (let local = 0; local < segment.passageCount; local += 1) {
      if (differences[base + local]! > most) continue;
      const product = multiply(segment.vectors, numbers, local * segment.dimension);
      found.push({ passage: base + local, cosine: product / (vectorNorms[local]! * norm) });
    }
  }
  return found
    .sort((left, right) => right.cosine - left.cosine || left.passage - right.passage)
    .slice(0, limit);
}
