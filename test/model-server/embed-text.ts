const DIMENSION = 256;
/** Words of one stem mostly share their first letters, which is near enough for tests. */
const STEM_LENGTH = 6;

/**
 * A vector of 256 floats: the sum of a fixed random direction of each different word. The cosine of two texts is about
 * the share of words that they have in common, so texts about the same thing are near (random projection of a bag of
 * words; Johnson and Lindenstrauss 1984). Not scaled to unit length. Texts without words share a direction of their own.
 */
export function embedText(text: string, dimension = DIMENSION): number[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [''];
  const stems = new Set(words.map((word) => word.slice(0, STEM_LENGTH)));
  const vector = Array.from({ length: dimension }, () => 0);
  for (const stem of stems) {
    let state = hash(stem);
    for (let axis = 0; axis < dimension; axis += 1) {
      state = nextRandom(state);
      vector[axis] = (vector[axis] ?? 0) + (state & 0x80_00 ? 1 : -1);
    }
  }
  return vector;
}

/** FNV-1a, 32 bits; never 0, which the generator below could not leave. */
function hash(text: string): number {
  let value = 0x81_1c_9d_c5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01_00_01_93);
  return value === 0 ? 1 : value;
}

/** Marsaglia's xorshift, 2003, with the shifts 13, 17 and 5. */
function nextRandom(state: number): number {
  let next = state ^ (state << 13);
  next ^= next >>> 17;
  return next ^ (next << 5);
}
