import { analyseText } from '../../retrieval/analyse-text.ts';
import { READ_LENGTH } from './text-features.ts';

/** A text that belongs to a label; `weight` is what each of its words counts. */
export type AssociatedText = { text: string; label: string; weight: number };

export type WordAssociations = {
  /** For each label, in the order given, how much the words of a text speak for it: a sum of log odds. */
  weigh(text: string): number[];
  /** How much a piece of a text speaks for a label beyond the mean of all labels. */
  supportOf(part: string, label: string): number;
  /** Whether any word of the text, stop words aside, is known. */
  knows(text: string): boolean;
};

/** How many counts of the base rate each word is given before its own. */
const priorCounts = 6;
const stopWordShare = 0.2;
const textsBetweenPauses = 40;

/**
 * Learns which words go with which label, as a naive Bayes classifier does: the log of how much likelier a label is
 * with the word than without, smoothed towards the base rate. Counting needs no rounds of training, so whole documents
 * can be learnt. Yields between portions of the texts, so that a caller may let other work pass.
 */
export function* learnAssociations(
  labels: readonly string[],
  texts: readonly AssociatedText[],
): Generator<undefined, WordAssociations> {
  const counts = new Map<string, Float64Array>();
  const sizes = new Float64Array(labels.length);
  const places = new Map(labels.map((label, index) => [label, index]));
  for (const [position, { text, label, weight }] of texts.entries()) {
    const place = places.get(label);
    if (place === undefined) continue;
    for (const term of readWords(text).keys()) {
      const row = counts.get(term) ?? new Float64Array(labels.length);
      row[place] = (row[place] ?? 0) + weight;
      sizes[place] = (sizes[place] ?? 0) + weight;
      counts.set(term, row);
    }
    if (position % textsBetweenPauses === textsBetweenPauses - 1) yield;
  }
  return assemble({ labels, counts, sizes });
}

function assemble(learned: {
  labels: readonly string[];
  counts: ReadonlyMap<string, Float64Array>;
  sizes: Float64Array;
}): WordAssociations {
  const { labels, counts, sizes } = learned;
  const total = sizes.reduce((sum, size) => sum + size, 0) || 1;
  const weigh = (text: string): number[] => {
    const sums = labels.map(() => 0);
    for (const [term, share] of readWords(text)) {
      const row = counts.get(term);
      if (row === undefined) continue;
      const all = row.reduce((sum, count) => sum + count, 0);
      for (const place of labels.keys()) {
        const base = Math.max((sizes[place] ?? 0) / total, 1e-6);
        const given = ((row[place] ?? 0) + priorCounts * base) / (all + priorCounts);
        sums[place] = (sums[place] ?? 0) + share * Math.log(given / base);
      }
    }
    return sums;
  };
  return {
    weigh,
    supportOf(part, label) {
      const sums = weigh(part);
      const mean = sums.reduce((sum, value) => sum + value, 0) / Math.max(1, sums.length);
      return (sums[labels.indexOf(label)] ?? mean) - mean;
    },
    knows: (text) =>
      readWords(text)
        .entries()
        .some(([term, share]) => share === 1 && counts.has(term)),
  };
}

/** The distinct terms of a text with what each counts: stop words a fifth, since they tell a topic only by habit. */
function readWords(text: string): Map<string, number> {
  const words = new Map<string, number>();
  for (const token of analyseText(text.slice(0, READ_LENGTH))) {
    if (!token.isJoined && token.term !== '') words.set(token.term, token.isStopWord ? stopWordShare : 1);
  }
  return words;
}
