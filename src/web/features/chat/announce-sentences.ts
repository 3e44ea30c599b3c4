/** The end of a sentence: its closing mark with quotes, brackets and citation markers after it, then a space. */
const sentenceEnd = /[.!?。！？…]["'”’)\]]*(?:\s*\[\d+\])*\s|[。！？]|\n+/gu;

/**
 * The whole sentences of a growing text from the offset `from` on (UTF-16 code units), cleaned of markers for a screen
 * reader, and the offset after them; an empty text when no sentence has ended yet. `isComplete` takes the rest too.
 */
export function takeSentences(options: { content: string; from: number; isComplete: boolean }): {
  text: string;
  next: number;
} {
  const { content, from, isComplete } = options;
  let next = from;
  for (const match of content.slice(from).matchAll(sentenceEnd)) next = from + match.index + match[0].length;
  if (isComplete) next = content.length;
  const text = content
    .slice(from, next)
    .replaceAll(/\s*\[\d{1,3}\]/gu, '')
    .replaceAll(/\*\*|[`#>]/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim();
  return { text, next };
}
