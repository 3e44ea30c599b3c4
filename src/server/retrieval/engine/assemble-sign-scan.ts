// Opcodes of the WebAssembly core specification 2.0, chapter 5 (binary format).
const op = {
  block: 0x02,
  loop: 0x03,
  end: 0x0b,
  branch: 0x0c,
  branchIf: 0x0d,
  localGet: 0x20,
  localSet: 0x21,
  store16: 0x3b,
  constant: 0x41,
  isZero: 0x45,
  add: 0x6a,
  subtract: 0x6b,
  multiply: 0x6c,
};
const simd = {
  load: [0xfd, 0x00],
  zero: [0xfd, 0x0c, ...Array.from({ length: 16 }, () => 0)],
  extractLane: [0xfd, 0x1b],
  xor: [0xfd, 0x51],
  countBits: [0xfd, 0x62],
  widenBytes: [0xfd, 0x7d],
  widenShorts: [0xfd, 0x7f],
  addShorts: [0xfd, 0x8e, 0x01],
};
const moduleStart = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const type = { i32: 0x7f, v128: 0x7b, function: 0x60, empty: 0x40 };

/** Unsigned LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
}

/** Signed LEB128 of a number that is not negative. */
function signed(value: number): number[] {
  const bytes = unsigned(value);
  const last = bytes.pop() ?? 0;
  return (last & 0x40) === 0 ? [...bytes, last] : [...bytes, last | 0x80, 0];
}

const sized = (bytes: readonly number[]) => [...unsigned(bytes.length), ...bytes];
const text = (value: string) => sized([...Buffer.from(value)]);
const section = (id: number, bytes: readonly number[]) => [id, ...sized(bytes)];

// Locals: parameters first, then where the next count goes and the sums by quarter of a register.
const local = { signs: 0, count: 1, question: 2, output: 3, quarters: 4 };

function body(registers: number): number[] {
  const get = (name: keyof typeof local) => [op.localGet, local[name]];
  const advance = (name: 'signs' | 'output', bytes: number) => [
    ...get(name),
    op.constant,
    ...signed(bytes),
    op.add,
    op.localSet,
    local[name],
  ];
  const loadAt = (name: 'signs' | 'question', register: number) => [
    ...get(name),
    ...simd.load,
    4,
    ...unsigned(register * 16),
  ];
  const differences = (register: number) => [
    ...loadAt('signs', register),
    ...loadAt('question', register),
    ...simd.xor,
    ...simd.countBits,
    ...simd.widenBytes,
    ...simd.addShorts,
  ];
  const lane = (number: number) => [...get('quarters'), ...simd.extractLane, number];
  const one = [
    ...simd.zero,
    ...Array.from({ length: registers }, (_, register) => differences(register)).flat(),
    ...simd.widenShorts,
    op.localSet,
    local.quarters,
    ...get('output'),
    ...lane(0),
    ...lane(1),
    op.add,
    ...lane(2),
    op.add,
    ...lane(3),
    op.add,
    op.store16,
    1,
    0,
  ];
  const outputStart = [
    ...get('signs'),
    ...get('count'),
    op.constant,
    ...signed(registers * 16),
    op.multiply,
    op.add,
  ];
  return [
    ...outputStart,
    op.localSet,
    local.output,
    op.block,
    type.empty,
    op.loop,
    type.empty,
    ...get('count'),
    op.isZero,
    op.branchIf,
    1,
    ...one,
    ...advance('signs', registers * 16),
    ...advance('output', 2),
    ...get('count'),
    op.constant,
    1,
    op.subtract,
    op.localSet,
    local.count,
    op.branch,
    0,
    op.end,
    op.end,
    op.end,
  ];
}

/**
 * The bytes of a WebAssembly module with one function `scan(signs, count, question)`: for each of `count` rows of
 * `registers` * 16 bytes from `signs` on, the number of bits that differ from the row at `question`, as 16-bit numbers
 * behind the rows. It works on the imported memory `host.memory`.
 */
export function assembleSignScan(registers: number): Uint8Array<ArrayBuffer> {
  const locals = [2, 1, type.i32, 1, type.v128];
  return Uint8Array.from([
    ...moduleStart,
    ...section(1, [1, type.function, 3, type.i32, type.i32, type.i32, 0]),
    ...section(2, [1, ...text('host'), ...text('memory'), 0x02, 0x00, 0x01]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text('scan'), 0x00, 0]),
    ...section(10, [1, ...sized([...locals, ...body(registers)])]),
  ]);
}
