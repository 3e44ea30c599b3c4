import { foldWord } from '../../retrieval/fold-word.ts';
import { englishStopWords } from '../../retrieval/stop-words.ts';
import { splitWords } from './text-features.ts';

export type KnowledgeText = { namespace: string; text: string };

/** How many telling words of each document the router learns. */
export const TERMS_PER_DOCUMENT = 100;

const chunkLength = 1_000;
const fewestOccurrences = 2;
const lowestLift = Math.log(1.5);

/** Whether a word can carry a topic: no stop word, no number, longer than two letters unless it has no spaces around. */
export function isTopicWord(word: string): boolean {
  const folded = foldWord(word);
  return (
    !englishStopWords.has(folded) &&
    !/\d/u.test(folded) &&
    (folded.length > 2 || /[^\p{ASCII}]/u.test(folded))
  );
}

function countWords(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (let start = 0; start < text.length; start += chunkLength) {
    for (const word of splitWords(text.slice(start, start + chunkLength))) {
      if (isTopicWord(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return counts;
}

function addCounts(sum: Map<string, number>, counts: ReadonlyMap<string, number>): void {
  for (const [word, count] of counts) sum.set(word, (sum.get(word) ?? 0) + count);
}

/**
 * The words of each text that tell its namespace from the others, best first, at most `limit` a text and in the order
 * of the input. Ranked by the root of its count times the log of how much likelier the word is in the namespace than elsewhere (at
 * least one and a half times), with half a count added to both sides.
 */
export function extractKeyTerms(texts: readonly KnowledgeText[], limit: number): string[][] {
  const everywhere = new Map<string, number>();
  const byNamespace = new Map<string, Map<string, number>>();
  const counted = texts.map(({ namespace, text }) => {
    const counts = countWords(text);
    const own = byNamespace.get(namespace) ?? new Map<string, number>();
    byNamespace.set(namespace, own);
    addCounts(own, counts);
    addCounts(everywhere, counts);
    return counts;
  });
  const sizeOf = (counts: ReadonlyMap<string, number>) =>
    counts.values().reduce((sum, count) => sum + count, 0);
  const total = sizeOf(everywhere);
  return texts.map(({ namespace }, index) => {
    const own = byNamespace.get(namespace) ?? new Map<string, number>();
    const ownSize = sizeOf(own);
    const lift = (word: string) => {
      const inside = own.get(word) ?? 0;
      const outside = (everywhere.get(word) ?? 0) - inside;
      return Math.log(((inside + 0.5) / (ownSize + 1)) * ((total - ownSize + 1) / (outside + 0.5)));
    };
    return [...(counted[index] ?? [])]
      .filter(([word]) => lift(word) > lowestLift)
      .map(([word, count]) => ({ word, score: Math.sqrt(count) * lift(word) }))
      .filter(({ word }) => (own.get(word) ?? 0) >= fewestOccurrences)
      .sort((a, b) => b.score - a.score || (a.word < b.word ? -1 : 1))
      .slice(0, limit)
      .map(({ word }) => word);
  });
}
