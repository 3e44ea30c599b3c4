import type { PdfLine } from './group-pdf-lines.ts';

/** How a line follows the one before: same paragraph, same word (the hyphen goes), a new line of a list or table, a new paragraph. */
export type LineJoin = 'space' | 'word' | 'line' | 'paragraph';

export type PlacedLine = PdfLine & { page: number; isHeading: boolean };

const bullet = /^(?:[•●▪◦‣·*–-]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+\S/;

/** Words of a document with how often each stands unbroken, in lower case; it tells whether a hyphen belongs to a word. */
export function countWords(lines: PlacedLine[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { text } of lines) {
    for (const [word] of text
      .toLowerCase()
      .matchAll(/[\p{L}\p{M}]+(?:-[\p{L}\p{M}]+)*(?=[^\p{L}\p{M}-]|$)/gu)) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return counts;
}

/**
 * Decides how a line joins the one before it, from distance, indentation, size, bullets and punctuation. Lines go on
 * over columns and pages when the sentence does.
 * @param input.pitch the usual distance of baselines in this document, as a multiple of the font size.
 */
export function joinOf(input: {
  previous: PlacedLine;
  line: PlacedLine;
  pitch: number;
  words: Map<string, number>;
}): LineJoin {
  const { previous, line } = input;
  if (previous.isHeading || line.isHeading) {
    return previous.isHeading && line.isHeading && isNextLine(input) && isSameSize(previous, line)
      ? 'space'
      : 'paragraph';
  }
  const hyphen = hyphenJoin(previous.text, line.text, input.words);
  if (previous.page !== line.page || isNewColumn(previous, line)) {
    if (hyphen) return hyphen;
    return isUnfinished(previous.text) && /^[\p{Ll}\d(]/u.test(line.text) ? 'space' : 'paragraph';
  }
  if (bullet.test(line.text)) return isNextLine(input) ? 'line' : 'paragraph';
  if (isBeside(previous, line)) return 'space';
  if (!isNextLine(input) || !isSameSize(previous, line)) return 'paragraph';
  if (hyphen) return hyphen;
  if (isIndented(previous, line) && !isUnfinishedBullet(previous)) return 'paragraph';
  return endsShort(previous, line) ? 'paragraph' : 'space';
}

/** How a word goes on after a hyphen at a line end: 'word' drops it, 'space' keeps it (and the caller adds no space). */
function hyphenJoin(before: string, after: string, words: Map<string, number>): LineJoin | undefined {
  if (!/[-\u2010]$/.test(before)) return undefined;
  const head = /([\p{L}\p{M}]+)[-\u2010]$/u.exec(before)?.[1]?.toLowerCase();
  const tail = /^([\p{Ll}\p{M}]+)/u.exec(after)?.[1]?.toLowerCase();
  if (!head || !tail) return undefined;
  const joined = words.get(head + tail) ?? 0;
  const hyphenated = words.get(`${head}-${tail}`) ?? 0;
  // Two whole words that never stand as one are a compound ("mixed-mode"); short heads are mostly prefixes.
  const isCompound =
    joined === 0 && Math.min(head.length, tail.length) >= 4 && words.has(head) && words.has(tail);
  return hyphenated > joined || isCompound ? 'space' : 'word';
}

function isSameSize(previous: PlacedLine, line: PlacedLine): boolean {
  return Math.abs(previous.size - line.size) <= Math.max(previous.size, line.size) * 0.12;
}

function isNextLine({
  previous,
  line,
  pitch,
}: {
  previous: PlacedLine;
  line: PlacedLine;
  pitch: number;
}): boolean {
  const drop = line.baseline - previous.baseline;
  return previous.page === line.page && drop > 0 && drop <= Math.max(previous.size, line.size) * pitch * 1.25;
}

function isNewColumn(previous: PlacedLine, line: PlacedLine): boolean {
  const rises = line.baseline < previous.baseline - previous.size * 0.7;
  return (
    rises || (line.box[0] > previous.box[2] && Math.abs(line.baseline - previous.baseline) > previous.size)
  );
}

/** Cells of a table, or parts of one line with a wide gap between them. */
function isBeside(previous: PlacedLine, line: PlacedLine): boolean {
  return (
    Math.abs(line.baseline - previous.baseline) < previous.size * 0.5 &&
    line.box[0] >= previous.box[2] - previous.size
  );
}

function isIndented(previous: PlacedLine, line: PlacedLine): boolean {
  const indent = line.box[0] - previous.box[0];
  // More than six sizes is a centred or right-aligned line rather than a first line of a paragraph.
  return indent > line.size * 0.7 && indent < line.size * 6 && !isUnfinishedWrap(previous, line);
}

function isUnfinishedWrap(previous: PlacedLine, line: PlacedLine): boolean {
  return isUnfinished(previous.text) && /^\p{Ll}/u.test(line.text);
}

function isUnfinishedBullet(previous: PlacedLine): boolean {
  return bullet.test(previous.text);
}

/** A finished sentence whose line leaves room for the next line's first word ends its paragraph. */
function endsShort(previous: PlacedLine, line: PlacedLine): boolean {
  if (isUnfinished(previous.text)) return false;
  const firstWord = line.text.split(' ', 1)[0]?.length ?? 1;
  const needed = (firstWord + 1) * line.size * 0.5;
  return line.box[2] - previous.box[2] > needed + line.size * 2;
}

function isUnfinished(text: string): boolean {
  return !/[.!?:;…。！？][)\]"'”’»*\d]*$/.test(text);
}
