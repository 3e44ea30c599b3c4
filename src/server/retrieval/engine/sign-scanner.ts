import { assembleSignScan } from './assemble-sign-scan.ts';

/** Bytes that one SIMD register holds; a vector's sign bits are filled up to a multiple of it. */
const registerBytes = 16;
const pageBytes = 65_536;
const bitsPerRegister = registerBytes * 8;

/** Sign bits of all loaded vectors in one memory that a SIMD loop compares with a question's. */
export type SignScanner = {
  /** Takes the packed signs of all segments in order in place of what it held. */
  load(packed: readonly Uint8Array[]): void;
  /** How many signs of each loaded vector differ from the question's, by number; valid until the next call. */
  countDifferences(question: Int32Array): Uint16Array;
};

type Exports = { scan: (signs: number, count: number, question: number) => void };

const strideOf = (dimension: number) => Math.ceil(dimension / bitsPerRegister) * registerBytes;

/** One bit per number, whether it is positive; each vector of `dimension` numbers is filled up to whole registers. */
export function packSigns(numbers: Int8Array | Int32Array, dimension: number): Uint8Array {
  const stride = strideOf(dimension);
  const count = numbers.length / dimension;
  const packed = new Uint8Array(count * stride);
  for (let vector = 0; vector < count; vector += 1) {
    const offset = vector * stride;
    const first = vector * dimension;
    for (let component = 0; component < dimension; component += 1) {
      if (numbers[first + component]! > 0) packed[offset + (component >>> 3)]! |= 1 << (component & 7);
    }
  }
  return packed;
}

/**
 * Creates the scanner for vectors of `dimension` numbers. The loop is WebAssembly SIMD (population count of 128 bits at
 * once), several times as fast as counting in JavaScript, which has no such instruction.
 */
export function createSignScanner(dimension: number): SignScanner {
  const stride = strideOf(dimension);
  const memory = new WebAssembly.Memory({ initial: 1 });
  const module = new WebAssembly.Module(assembleSignScan(stride / registerBytes));
  const { scan } = new WebAssembly.Instance(module, { host: { memory } }).exports as Exports;
  // The question stands first, then the signs of all vectors, then the counts.
  const signsAt = stride;
  let count = 0;

  return {
    load(packed) {
      count = packed.reduce((sum, signs) => sum + signs.length / stride, 0);
      const missingBytes = signsAt + count * (stride + 2) - memory.buffer.byteLength;
      if (missingBytes > 0) memory.grow(Math.ceil(missingBytes / pageBytes));
      const bytes = new Uint8Array(memory.buffer);
      let at = signsAt;
      for (const signs of packed) {
        bytes.set(signs, at);
        at += signs.length;
      }
    },
    countDifferences(question) {
      new Uint8Array(memory.buffer).set(packSigns(question, dimension), 0);
      scan(signsAt, count, 0);
      return new Uint16Array(memory.buffer, signsAt + count * stride, count);
    },
  };
}
