/** A list of unsigned 32-bit numbers that grows without boxing them. */
export type GrowingArray = { push(value: number): void; readonly length: number; view(): Uint32Array };

/** An empty growing list with room for `capacity` numbers. */
export function createGrowingArray(capacity = 1_024): GrowingArray {
  let values = new Uint32Array(capacity);
  let length = 0;
  return {
    push(value) {
      if (length === values.length) {
        const larger = new Uint32Array(values.length * 2);
        larger.set(values);
        values = larger;
      }
      values[length] = value;
      length += 1;
    },
    get length() {
      return length;
    },
    view: () => values.subarray(0, length),
  };
}
