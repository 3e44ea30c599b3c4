/**
 * The one normal form of every parsed text: Unicode NFC, LF line ends, no control characters but tab and LF, plain
 * spaces for no-break ones, and no characters without width. Joiners (U+200C, U+200D) stay after letters of scripts
 * and emoji that need them. Applying it twice changes nothing.
 */
export function normaliseText(text: string): string {
  // Plain printable ASCII is its own normal form; most lines of most documents leave here.
  if (/^[\n\t\x20-\x7e]*$/.test(text)) return text;
  return text
    .toWellFormed()
    .replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, '\n')
    .replace(/[\u00a0\u2007\u202f]/g, ' ')
    .replace(/[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g, '')
    .replace(/(?![\n\t])\p{Cc}/gu, '')
    .replace(/(?<=^|[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\s\p{P}\d])[\u200c\u200d]+/gu, '')
    .normalize('NFC');
}

/** One line of running text: normalised, every run of white space made one space, ends trimmed. */
export function collapseWhitespace(text: string): string {
  return normaliseText(text).replace(/\s+/g, ' ').trim();
}
