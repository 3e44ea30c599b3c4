import type { PdfLine } from './group-pdf-lines.ts';

/** So many rows of two long lines side by side are columns of text; fewer may be a table or a list of addresses. */
const minimumRows = 8;
const minimumLineLength = 25;

/**
 * Puts two columns one after the other when a file draws them row by row, left and right in turn. Lines across the
 * gutter, such as headings, stay between what is above and below them. Other pages come back as they are.
 */
export function orderPdfColumns(lines: PdfLine[]): PdfLine[] {
  const gutter = findGutter(lines);
  if (gutter === undefined) return lines;
  const ordered: PdfLine[] = [];
  let left: PdfLine[] = [];
  let right: PdfLine[] = [];
  for (const line of lines) {
    if (line.box[2] <= gutter) left.push(line);
    else if (line.box[0] >= gutter) right.push(line);
    else {
      ordered.push(...left, ...right, line);
      left = [];
      right = [];
    }
  }
  return [...ordered, ...left, ...right];
}

/** The middle of the gap that parts the columns, as a distance from the left edge of the page in points. */
function findGutter(lines: PdfLine[]): number | undefined {
  const gaps: [from: number, to: number][] = [];
  for (const [index, line] of lines.entries()) {
    const next = lines[index + 1];
    if (!next?.isUpright || !line.isUpright || Math.abs(next.baseline - line.baseline) > line.size * 0.5)
      continue;
    if (line.text.length < minimumLineLength || next.text.length < minimumLineLength) continue;
    if (next.box[0] > line.box[2]) gaps.push([line.box[2], next.box[0]]);
  }
  if (gaps.length < minimumRows) return undefined;
  const middles = gaps.map(([from, to]) => (from + to) / 2).toSorted((first, second) => first - second);
  const gutter = middles[Math.floor(middles.length / 2)] ?? 0;
  const fitting = gaps.filter(([from, to]) => from < gutter && gutter < to).length;
  return fitting >= gaps.length * 0.9 ? gutter : undefined;
}
