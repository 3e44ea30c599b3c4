import { englishStopWords } from '../../retrieval/stop-words.ts';

/**
 * What to look at: `wording` reads every word, for telling what a speaker wants (`can you`, `how much`); `topic` does not
 * look inside English stop words, for telling what a text is about from few examples.
 */
export type FeatureFocus = 'wording' | 'topic';

/** A feature of a text: its key, and the block (0 words, 1 word pairs, 2 character runs) that it is weighted with. */
export type TextFeature = { key: string; block: 0 | 1 | 2 };

const wordPattern = /[\p{L}\p{N}][\p{L}\p{N}\p{M}']*/gu;
const shortestRun = 2;
const longestRun = 4;

/** Longer messages are read only to here (UTF-16 code units), which bounds the time of one decision. */
export const READ_LENGTH = 1_500;

/** The words of a text in order: lower case, compatibility forms unified, apostrophes kept inside a word. */
export function splitWords(text: string): string[] {
  const folded = text.slice(0, READ_LENGTH).normalize('NFKC').toLowerCase().replaceAll('’', "'");
  return folded.match(wordPattern) ?? [];
}

/**
 * What the classifier sees of a text: words, pairs of neighbouring words (the start and end of the text count as
 * words) and runs of 2-4 characters inside a word with its edges marked. Runs match inflected and misspelt words and
 * scripts without spaces. Repeated features are listed as often as they occur.
 */
export function listTextFeatures(text: string, focus: FeatureFocus): TextFeature[] {
  const words = splitWords(text);
  const features: TextFeature[] = words.map((word) => ({ key: `w ${word}`, block: 0 }));
  if (words.length === 0) return features;
  const framed = ['<', ...words, '>'];
  for (const [index, word] of framed.slice(0, -1).entries()) {
    features.push({ key: `p ${word} ${framed[index + 1] ?? ''}`, block: 1 });
  }
  for (const word of words) {
    if (focus === 'topic' && englishStopWords.has(word.replaceAll("'", ''))) continue;
    const marked = `_${word}_`;
    for (let length = shortestRun; length <= longestRun; length += 1) {
      for (let start = 0; start + length <= marked.length; start += 1) {
        features.push({ key: `c ${marked.slice(start, start + length)}`, block: 2 });
      }
    }
  }
  return features;
}
