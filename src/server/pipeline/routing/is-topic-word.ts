import { foldWord } from '../../retrieval/fold-word.ts';
import { englishStopWords } from '../../retrieval/stop-words.ts';

/** Whether a word can carry a topic: no stop word, no number, longer than two letters unless it has no spaces around. */
export function isTopicWord(word: string): boolean {
  const folded = foldWord(word);
  return (
    !englishStopWords.has(folded) &&
    !/\d/u.test(folded) &&
    (folded.length > 2 || /[^\p{ASCII}]/u.test(folded))
  );
}
