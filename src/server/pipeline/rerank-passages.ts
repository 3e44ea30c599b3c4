import type { RetrievedPassage } from '../retrieval/passage.ts';
import type { Evidence } from './evidence/read-evidence.ts';

/**
 * Orders the passages by their best sentence as an answer to the question, which finds the right paragraph more often
 * than the passage score alone (the sentence score holds that score too). Passages without a sentence that could
 * answer come last, in their old order.
 */
export function rerankPassages(evidence: Evidence): RetrievedPassage[] {
  const best = evidence.passages.map(() => -Infinity);
  for (const sentence of evidence.sentences) {
    best[sentence.passageIndex] = Math.max(best[sentence.passageIndex] ?? -Infinity, sentence.score);
  }
  const order = evidence.passages.map((passage, index) => ({
    passage,
    index,
    score: best[index] ?? -Infinity,
  }));
  order.sort((left, right) =>
    left.score === right.score ? left.index - right.index : right.score - left.score,
  );
  return order.map((entry) => entry.passage);
}
