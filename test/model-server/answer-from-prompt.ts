export type ChatMessage = { role: string; content: string };

type Passage = { number: number; text: string };

const MAXIMUM_SENTENCES = 3;

/**
 * The answer that this server gives when it is told none: two or three sentences of the numbered passages of the last
 * message, those that share most words with its question, each with its marker. The same prompt, the same answer.
 */
export function answerFromPrompt(messages: readonly ChatMessage[]): string {
  const prompt = messages.findLast((message) => message.role === 'user')?.content ?? '';
  const passages = readPassages(prompt);
  if (passages.length === 0) return 'There are no passages to answer from.';
  const asked = new Set(wordsOf(prompt.split(/^Question:/m).at(-1) ?? ''));
  const sentences = passages
    .flatMap(({ number, text }) => sentencesOf(text).map((sentence) => ({ number, sentence })))
    .map((entry, position) => ({ ...entry, position, score: overlap(asked, entry.sentence) }))
    .sort((left, right) => right.score - left.score || left.position - right.position)
    .slice(0, MAXIMUM_SENTENCES)
    .sort((left, right) => left.position - right.position);
  return sentences.map(({ number, sentence }) => `${sentence} [${number}]`).join(' ');
}

/** Lines such as `[1] {"title": ..., "text": ...}` or `[1] plain text`. */
function readPassages(prompt: string): Passage[] {
  return [...prompt.matchAll(/^\[(\d+)\] (.+)$/gm)].map((match) => ({
    number: Number(match[1]),
    text: textOfPassage(match[2] ?? ''),
  }));
}

function textOfPassage(line: string): string {
  try {
    const { text } = JSON.parse(line) as { text?: unknown };
    if (typeof text === 'string') return text;
  } catch {
    // A plain text is a passage too.
  }
  return line;
}

function sentencesOf(text: string): string[] {
  return (text.replaceAll(/\s+/g, ' ').match(/[^.!?]+[.!?]+|[^.!?]+$/g) ?? [])
    .map((part) => part.trim())
    .filter(Boolean);
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/\p{L}{3,}/gu) ?? [];
}

function overlap(asked: ReadonlySet<string>, sentence: string): number {
  return new Set(wordsOf(sentence).filter((word) => asked.has(word))).size;
}
