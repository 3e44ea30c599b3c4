import { emojiWords, hiddenWords, leetLetters, letterLookalikes, shortForms } from './data/lookalikes.ts';

const hiddenWordSet = new Set(hiddenWords);
const longestHiddenWord = Math.max(...hiddenWords.map((word) => word.length));
const emojiPattern = new RegExp(Object.keys(emojiWords).join('|'), 'gu');

/**
 * The form of a text on which guard rules and features work: lower-case Latin words with single spaces, sentence ends
 * (`.`, `?`, `!`) and commas as tokens of their own, short forms written out. Undoes the common disguises: zero-width
 * characters, look-alike letters (Unicode TR39), digits for letters, spaced-out, starred and stretched words. Other
 * scripts stay as they are. The result is for matching only and never shown.
 */
export function normaliseForGuard(text: string): string {
  const folded = foldUnicode(text);
  const isMostlyLatin = countMatches(folded, /[a-z]/gu) >= countMatches(folded, /\p{L}/gu) / 2;
  const words = folded
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => unstretch(readLeet(unmaskLetters(word, isMostlyLatin))));
  const joined = joinSpacedLetters(words).join(' ');
  return expandShortForms(separatePunctuation(joined));
}

/** Lower case, compatibility forms, no marks, no invisible characters, emoji as words, plain quotes and spaces. */
function foldUnicode(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f\ufe0f]|\p{Cf}/gu, '')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/gu, '')
    .replace(emojiPattern, (emoji) => ` ${emojiWords[emoji] ?? ''} `)
    .replace(/\p{Extended_Pictographic}|[\u{1f3fb}-\u{1f3ff}]/gu, ' ')
    .replace(/[\u2018\u2019\u201b\u0060\u00b4]/gu, "'")
    .replace(/[\n\r]+/gu, ' . ')
    .replace(/[\s\u2028\u2029]+/gu, ' ')
    .trim();
}

function countMatches(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

/** Replaces look-alike letters, but leaves words that are simply written in another script. */
function unmaskLetters(word: string, isMostlyLatin: boolean): string {
  if (/^[\u0020-\u007e]*$/u.test(word)) return word;
  const mapped = Array.from(word, (letter) => letterLookalikes[letter] ?? letter).join('');
  const isMixed = /[a-z]/u.test(word);
  const isFullyMapped = !/[^\u0020-\u007e]/u.test(mapped);
  return isMixed || (isMostlyLatin && isFullyMapped) ? mapped : word;
}

/** Reads `k1ll`, `su1c1de`, `b@nk` and `k*ll`; leaves `b12`, `401k`, `2nd` and plain numbers alone. */
function readLeet(word: string): string {
  if (/^[a-z]+\*+[a-z]+[.?!,]*$/u.test(word)) return fillStars(word);
  if (!/[a-z]/u.test(word) || !/[\d@$!|€+]/u.test(word)) return word;
  const [, core = word, end = ''] = /^(.*?)([.?!,]*)$/u.exec(word) ?? [];
  const isInside = /[a-z][\d@$!|€+]+[a-z]|^[@$][a-z]{2}|^\d[a-z]{1,3}\d[a-z]/u.test(core);
  if (!isInside && !/^[a-z]{1,2}[10]{1,2}$/u.test(core) && !/^h\d+w$|^[a-z]\d$/u.test(core)) return word;
  if (/^[bdk]\d+$/u.test(core) || /\d{3}/u.test(core)) return word;
  const letters = Array.from(core).map((letter, position, all) => {
    const endsWithOnes = letter === '1' && /^1*$/u.test(all.slice(position).join(''));
    return endsWithOnes && position > 0 ? 'l' : (leetLetters[letter] ?? letter);
  });
  return letters.join('') + end;
}

function fillStars(word: string): string {
  const [, core = word, end = ''] = /^(.*?)([.?!,]*)$/u.exec(word) ?? [];
  const pattern = new RegExp(`^${core.replace(/\*/gu, '[a-z]')}$`, 'u');
  return (hiddenWords.find((candidate) => pattern.test(candidate)) ?? core) + end;
}

/** Shortens letters that are written three times or more. */
function unstretch(word: string): string {
  if (!/([a-z])\1\1/u.test(word)) return word;
  const single = word.replace(/([a-z])\1{2,}/gu, '$1');
  const double = word.replace(/([a-z])\1{2,}/gu, '$1$1');
  return hiddenWordSet.has(double.replace(/[^a-z]/gu, '')) ? double : single;
}

/** Joins runs of three or more single letters (`k i l l`, `k.i.l.l`) and finds the words in a long run. */
function joinSpacedLetters(words: readonly string[]): string[] {
  const undotted = words.map((word) =>
    /^(?:[a-z][.\-_*·]){2,}[a-z]?[.?!]?$/u.test(word) ? word.replace(/[^a-z]/gu, '') : word,
  );
  const result: string[] = [];
  let run: string[] = [];
  const flush = (): void => {
    // Letters lists such as "a b" or one "i a" in a sentence are not a disguise.
    if (run.length >= 3) result.push(...splitRun(run.join('')));
    else result.push(...run);
    run = [];
  };
  for (const [position, word] of undotted.entries()) {
    if (word !== words[position]) {
      flush();
      result.push(...splitRun(word));
    } else if (/^[a-z]$/u.test(word)) run.push(word);
    else {
      flush();
      result.push(word);
    }
  }
  flush();
  return result;
}

/** Splits joined letters into known words when all letters can be used; otherwise gives the run as one word. */
function splitRun(letters: string): string[] {
  const best: (string[] | undefined)[] = [[]];
  for (let end = 1; end <= letters.length; end += 1) {
    for (let start = Math.max(0, end - longestHiddenWord); start < end; start += 1) {
      const before = best[start];
      const word = letters.slice(start, end);
      if (before === undefined || !hiddenWordSet.has(word)) continue;
      const known = best[end];
      if (known === undefined || before.length + 1 < known.length) best[end] = [...before, word];
    }
  }
  return best[letters.length] ?? [letters];
}

function separatePunctuation(text: string): string {
  return text
    .replace(/(\d)[.,](\d)/gu, '$1$2')
    .replace(/[.?!,;:]+/gu, (marks) => ` ${marks.includes('?') ? '?' : marks.startsWith(',') ? ',' : '.'} `)
    .replace(/[^\p{L}\p{N}.?,'%$€£@ ]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
}

function expandShortForms(text: string): string {
  const apart = text
    .replace(/\b(i|he|she|it|we|they|you|that|there)'d\b/gu, '$1 would')
    .replace(/\b(i|he|she|it|we|they|you|that|there)'ll\b/gu, '$1 will')
    .replace(/'/gu, '')
    .replace(/\b(want|need|going|have) 2 (?=[a-z])/gu, '$1 to ');
  return apart
    .split(' ')
    .map((word) => (Object.hasOwn(shortForms, word) ? shortForms[word] : word))
    .join(' ')
    .replace(/\bkill myself (myself|yourself|him|her|them)\b/gu, 'kill $1');
}
