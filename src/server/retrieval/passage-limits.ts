/** Lengths of passages in UTF-16 code units. A `pair` stays whole and alone whatever its length. */
export const targetPassageCharacters = 1_500;
export const overlapCharacters = 200;
export const minimumPassageCharacters = 100;
export const maximumPassageCharacters = 2_000;
