type Encode = { countTokens: (text: string) => number };

let loading: Promise<Encode> | undefined;

/**
 * Counts tokens as the o200k_base encoding does (OpenAI's models since GPT-4o; a fair estimate for others). The
 * tables take some 75 MB and 150 ms, so they are loaded at the first count, not at start.
 */
export async function countTokens(...texts: readonly string[]): Promise<number> {
  loading ??= import('gpt-tokenizer/encoding/o200k_base');
  const encoding = await loading;
  return texts.reduce((sum, text) => sum + encoding.countTokens(text), 0);
}
