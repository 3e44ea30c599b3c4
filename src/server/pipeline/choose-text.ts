/**
 * Picks one of several texts by a seed, the same one for the same seed, and fills its `{names}`.
 * @param options.values what stands for each `{name}`; unknown names stay as they are
 */
export function chooseText(
  texts: readonly string[],
  options: { seed: number; values?: Readonly<Record<string, string>> },
): string {
  const text = texts[Math.abs(Math.trunc(options.seed)) % Math.max(1, texts.length)] ?? '';
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => options.values?.[name] ?? whole);
}

/** Joins words the way a sentence does: "a, b and c". */
export function listInWords(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}
