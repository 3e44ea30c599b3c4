import type { LoadedSegment } from './loaded-segment.ts';
import type { SignScanner } from './sign-scanner.ts';

const questionScale = 2_047;

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

/**
 * The passages nearest to a vector by cosine, best first: sign bits of all are compared (random hyperplane hashing,
 * Charikar, 2002), the best `rescored` number by number. Passages without a vector are never found. All segments must
 * hold vectors of the question's length and be loaded in the scanner in the same order.
 */
export function scanVectors(
  segments: readonly LoadedSegment[],
  options: {
    vector: Float32Array;
    scanner: SignScanner;
    eligible: Uint8Array;
    rescored: number;
    limit: number;
  },
): { passage: number; cosine: number }[] {
  const { vector, scanner, eligible, rescored, limit } = options;
  const { numbers, norm } = scaleQuestion(vector);
  if (!(norm > 0)) return [];
  const differences = scanner.countDifferences(numbers);
  const histogram = new Uint32Array(vector.length + 1);
  for (let passage = 0; passage < differences.length; passage += 1) {
    if (eligible[passage] === 1) histogram[differences[passage]!]! += 1;
  }
  const most = cutOff(histogram, rescored);
  const found: { passage: number; cosine: number }[] = [];
  for (const { segment, base, vectorNorms } of segments) {
    for (let local = 0; local < segment.passageCount; local += 1) {
      const passage = base + local;
      if (differences[passage]! > most || eligible[passage] === 0 || vectorNorms[local] === 0) continue;
      const product = multiply(segment.vectors, numbers, local * segment.dimension);
      found.push({ passage, cosine: product / (vectorNorms[local]! * norm) });
    }
  }
  return found
    .sort((left, right) => right.cosine - left.cosine || left.passage - right.passage)
    .slice(0, limit);
}
