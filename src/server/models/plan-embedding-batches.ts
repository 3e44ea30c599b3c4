const MAXIMUM_TEXTS = 64;
const MAXIMUM_TOKENS = 8_000;
/** English has some four characters a token; other scripts come close to one. */
const ASCII_CHARACTERS_PER_TOKEN = 4;

/**
 * Cuts texts into runs for one call each: at most 64 texts and about 8,000 tokens, in order. A text that is longer on
 * its own stands alone; the provider decides what becomes of it.
 */
export function planEmbeddingBatches(texts: readonly string[]): string[][] {
  const batches: string[][] = [];
  let current: string[] = [];
  let tokens = 0;
  for (const text of texts) {
    const textTokens = estimateTokens(text);
    if (current.length === MAXIMUM_TEXTS || (current.length > 0 && tokens + textTokens > MAXIMUM_TOKENS)) {
      batches.push(current);
      current = [];
      tokens = 0;
    }
    current.push(text);
    tokens += textTokens;
  }
  if (current.length > 0) batches.push(current);
  return batches;
}

/** Tokens of a text without a tokenizer, whose tables would take 75 MB; rather too many than too few. */
export function estimateTokens(text: string): number {
  const others = text.match(/[^\0-\x7F]/gu)?.length ?? 0;
  return Math.ceil((text.length - others) / ASCII_CHARACTERS_PER_TOKEN) + others;
}
