const runLength = 8;
const suspiciousLength = 4;

export type PromptLeakDetector = {
  /** Reads the next words of the answer; `leak` when eight in a row stand in the prompt, `maybe` after four. */
  read: (text: string) => 'none' | 'maybe' | 'leak';
};

/**
 * Compares the answer, word by word, with the secret parts of the prompt: the longest run of words that ends here and
 * stands in a fragment, case and punctuation aside.
 */
export function createPromptLeakDetector(fragments: readonly string[]): PromptLeakDetector {
  const haystack = ` ${fragments.map((fragment) => wordsOf(fragment).join(' ')).join(' | ')} `;
  let run: string[] = [];
  return {
    read(text) {
      if (fragments.length === 0) return 'none';
      for (const word of wordsOf(text)) {
        run.push(word);
        while (run.length > 0 && !haystack.includes(` ${run.join(' ')} `)) run.shift();
        if (run.length >= runLength) return 'leak';
      }
      return run.length >= suspiciousLength ? 'maybe' : 'none';
    },
  };
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
