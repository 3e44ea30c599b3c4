import {
  closingAbbreviations,
  leadingAbbreviations,
  numberAbbreviations,
  sentenceOpeners,
} from './sentence-abbreviations.ts';

/** A stretch of a text: UTF-16 code units, end exclusive. */
export type TextRange = { start: number; end: number };

// A run of terminators with what closes around it (quotes, brackets, footnote numbers), or a line break.
const boundary =
  /[.!?…]+(?:["'”’»›)\]*_]|\[\d{1,3}\])*|[。！？｡؟۔।॥]+[”’」』）】〉》"')\]]*|\n[^\S\n]*(?:\n\s*)?/gu;
const fullWidthTerminator = /^[。！？｡]/u;
const listItem = /^(?:[-*+•‣◦▪–—]\s|\(?\d{1,3}[.)]\s|\(?[a-zA-Z][.)]\s|#{1,6}\s|\||>\s)/u;
const enumerator = /^[(["'“*_]*(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})$/u;
const openers = /["'“‘«‹([*_¿¡\s]/u;
const lowerCase = /\p{Ll}/u;
const upperCase = /\p{Lu}/u;
const lastWord = /[\p{L}\p{N}][\p{L}\p{N}.]*$/u;
const firstWord = /^[\p{L}\p{N}'’]+/u;
const japaneseQuotation = /^[とっをはがのにでもや、，]/u;
const shortLineCharacters = 50;

type Text = { text: string; isUncased: boolean };

/** Whether the writer uses capitals at all; lower-case transcripts end sentences before small letters too. */
function isUncased(text: string): boolean {
  return !/\p{Lu}/u.test(text.replace(/(?<![\p{L}\p{N}])I(?![\p{L}\p{N}])/gu, ''));
}

function skipOpeners(text: string, from: number): number {
  let at = from;
  while (at < text.length && openers.test(text.charAt(at))) at += 1;
  return at;
}

function opensSentence(text: string, at: number): boolean {
  const word = firstWord.exec(text.slice(at, at + 24))?.[0];
  return word !== undefined && upperCase.test(word.charAt(0)) && sentenceOpeners.has(word.toLowerCase());
}

/** Whether the single full stop at `dot` only shortens the word before it, given where the next word begins. */
function isAbbreviation(text: string, place: { dot: number; next: number; sentenceStart: number }): boolean {
  const { dot, next, sentenceStart } = place;
  if (enumerator.test(text.slice(Math.max(sentenceStart, dot - 12), dot)) && dot - sentenceStart <= 12)
    return true;
  const word = lastWord.exec(text.slice(Math.max(sentenceStart, dot - 24), dot))?.[0];
  if (word === undefined) return false;
  const lower = word.toLowerCase();
  if (leadingAbbreviations.has(lower)) return true;
  const following = text.charAt(next);
  if (numberAbbreviations.has(lower) && /[\d(ivxIVX§]/u.test(following) && !opensSentence(text, next))
    return true;
  const isDotted = /^\p{L}(?:\.\p{L})+$/u.test(word);
  const isInitial = word.length === 1 && upperCase.test(word) && word !== 'I';
  if (isDotted || isInitial || closingAbbreviations.has(lower)) return !opensSentence(text, next);
  return false;
}

/** Whether the terminators `mark` ending at `end` close the sentence that began at `sentenceStart`. */
function closesSentence(source: Text, place: { mark: string; end: number; sentenceStart: number }): boolean {
  const { text } = source;
  const { mark, end, sentenceStart } = place;
  if (end >= text.length) return true;
  const following = text.charAt(end);
  if (fullWidthTerminator.test(mark)) return mark.length === 1 || !japaneseQuotation.test(following);
  if (!/\s/u.test(following)) return false;
  if (/^[؟۔।॥]/u.test(mark)) return true;
  const next = skipOpeners(text, end);
  if (next >= text.length) return true;
  const isLower = lowerCase.test(text.charAt(next));
  const isQuoted = /[^.!?…]$/u.test(mark);
  if (isLower && !source.isUncased && (isQuoted || !/[!?]/u.test(mark))) return false;
  if (isLower && /^(?:\.{2,}|…)/u.test(mark)) return false;
  if (mark === '.') return !isAbbreviation(text, { dot: end - 1, next, sentenceStart });
  return true;
}

/** Whether the line break from `start` to `end` parts two sentences rather than wrapping one. */
function breaksSentence(
  text: string,
  place: { mark: string; start: number; end: number; sentenceStart: number },
): boolean {
  const { mark, start, end, sentenceStart } = place;
  if (mark.indexOf('\n') !== mark.lastIndexOf('\n')) return true;
  const next = text.slice(end, end + 8);
  if (listItem.test(next)) return true;
  const lineStart = Math.max(text.lastIndexOf('\n', start - 1) + 1, sentenceStart);
  const line = text.slice(lineStart, Math.min(start, lineStart + 200));
  if (/^(?:#{1,6}\s|\|)/u.test(line)) return true;
  if (/[,;&–—-]\s*$/u.test(line)) return false;
  return start - lineStart < shortLineCharacters && /^["'“‘«(]?[\p{Lu}\p{N}]/u.test(next);
}

/**
 * Cuts a text into sentences. Returns trimmed ranges in order that do not overlap and together hold every character
 * that is not white space. Knows abbreviations, initials, decimals, ellipses, quotations, enumerations, list items and
 * headings on their own lines, text without capitals, and scripts whose full stop needs no space (Chinese, Japanese).
 */
export function splitSentences(text: string): TextRange[] {
  const source = { text, isUncased: isUncased(text) };
  const ranges: TextRange[] = [];
  let sentenceStart = skipSpace(text, 0);
  for (const match of text.matchAll(boundary)) {
    const mark = match[0];
    const start = match.index;
    const end = start + mark.length;
    if (start < sentenceStart) continue;
    const isEnd = mark.startsWith('\n')
      ? breaksSentence(text, { mark, start, end, sentenceStart })
      : closesSentence(source, { mark, end, sentenceStart });
    if (!isEnd) continue;
    pushTrimmed(ranges, text, { start: sentenceStart, end });
    sentenceStart = skipSpace(text, end);
  }
  pushTrimmed(ranges, text, { start: sentenceStart, end: text.length });
  return ranges;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/u.test(text.charAt(at))) at += 1;
  return at;
}

function pushTrimmed(ranges: TextRange[], text: string, range: TextRange): void {
  let { end } = range;
  while (end > range.start && /\s/u.test(text.charAt(end - 1))) end -= 1;
  if (end > range.start) ranges.push({ start: range.start, end });
}
