import type { ParsedDocument } from '../parsed-document.ts';
import { createStructuredText } from '../structured-text.ts';

const bullet = /^\s*(?:[-*•–]|\d{1,3}[.)])\s+/;
/** A line at least this long that is followed by another was broken by an editor, not by its author. */
const wrappedLineLength = 50;
/** Lines longer than this, one below the other, are paragraphs of their own. */
const paragraphLineLength = 120;

/**
 * Reads plain text: one `prose` block a paragraph, `list` blocks for lines that start with a bullet or a number.
 * Lines that an editor wrapped are joined; verses, addresses and other short lines keep their breaks.
 * @param input.text text as `decodeText` returns it.
 */
export function parseText(input: { text: string }): ParsedDocument {
  const builder = createStructuredText();
  for (const paragraph of input.text.split(/\n[ \t]*(?:\n[ \t]*)+/)) {
    const lines = paragraph.split('\n').filter((line) => line.trim() !== '');
    let separator = '\n\n';
    for (const piece of joinWrappedLines(lines)) {
      const isList = bullet.test(piece);
      const isAdded = builder.add({
        kind: isList ? 'list' : 'prose',
        text: piece,
        separator: isList ? separator : '\n\n',
      });
      if (isAdded) separator = '\n';
    }
  }
  return { format: 'text', ...builder.finish(), warnings: [] };
}

/** The lines of one paragraph as blocks: list items, long lines and joined runs of wrapped lines apart. */
function joinWrappedLines(lines: string[]): string[] {
  const pieces: string[][] = [];
  let lastLength = 0;
  let isItem = false;
  for (const line of lines) {
    const clean = line.replace(/[ \t]+/g, ' ').trim();
    const piece = pieces.at(-1);
    if (!piece || bullet.test(line) || lastLength > paragraphLineLength) {
      isItem = bullet.test(line);
      pieces.push([clean]);
    } else {
      piece.push(isItem || lastLength >= wrappedLineLength ? ' ' : '\n', clean);
    }
    lastLength = clean.length;
  }
  return pieces.map((piece) => piece.join(''));
}
