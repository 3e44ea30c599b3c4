import { normaliseText } from '../normalise-text.ts';

/** A run of text as pdf.js gives it, in points from the top left of the page, y growing downwards. */
export type PdfTextItem = {
  text: string;
  left: number;
  baseline: number;
  width: number;
  /** Height of the font. */
  size: number;
  isUpright: boolean;
  isRightToLeft: boolean;
  /** Parts of the size above and below the baseline. */
  ascent: number;
  descent: number;
};

/** A visual line, or one column's part of it. */
export type PdfLine = {
  text: string;
  /** Left, top, right, bottom in points from the top left of the page. */
  box: [number, number, number, number];
  baseline: number;
  size: number;
  isUpright: boolean;
};

/** A gap wider than this many times the font size parts columns or cells. */
const columnGap = 2;
/** A gap wider than this is a space that the file does not write, as a part of the font size. */
const wordGap = 0.2;

/**
 * Joins runs of text that share a baseline into lines, in the order of the content stream. Superscripts stay in
 * their line, wide gaps part it, text drawn twice for a bold look is kept once, and gaps without a space get one.
 */
export function groupPdfLines(items: PdfTextItem[]): PdfLine[] {
  const lines: PdfLine[] = [];
  let run: PdfTextItem[] = [];
  const flush = (): void => {
    const line = toLine(run);
    if (line) lines.push(line);
    run = [];
  };
  for (const item of items) {
    if (item.text.trim() === '') {
      // pdf.js fills gaps of any width with a space, so that only what can be seen parts lines.
      if (run.length > 0) run.push(item);
      continue;
    }
    const visible = run.filter((one) => one.text.trim() !== '');
    const previous = visible.at(-1);
    if (previous && isOverprint(previous, item)) continue;
    if (previous && !continuesLine(visible, item)) flush();
    run.push(item);
  }
  flush();
  return lines;
}

function isOverprint(previous: PdfTextItem, item: PdfTextItem): boolean {
  const slack = previous.size * 0.15;
  return (
    item.text === previous.text &&
    Math.abs(item.left - previous.left) < slack &&
    Math.abs(item.baseline - previous.baseline) < slack
  );
}

function continuesLine(run: PdfTextItem[], item: PdfTextItem): boolean {
  const previous = run.at(-1) as PdfTextItem;
  const anchor = run.reduce((largest, other) => (other.size > largest.size ? other : largest));
  if (item.isUpright !== previous.isUpright) return false;
  if (!item.isUpright) return false;
  const rise = Math.abs(item.baseline - anchor.baseline);
  const small = Math.min(anchor.size, item.size || anchor.size);
  const large = Math.max(anchor.size, item.size);
  if (rise > small * 0.6 && !(small < large * 0.8 && rise < large * 0.45)) return false;
  if (item.isRightToLeft || previous.isRightToLeft) return true;
  const gap = item.left - (previous.left + previous.width);
  return gap > -Math.max(previous.size, item.size) && gap < large * columnGap;
}

function toLine(run: PdfTextItem[]): PdfLine | undefined {
  let raw = '';
  let previous: PdfTextItem | undefined;
  for (const item of run) {
    if (previous && needsSpace(raw, previous, item)) raw += ' ';
    raw += item.text;
    if (item.text !== '') previous = item;
  }
  // A soft hyphen at the end of a line is a hyphen that shows; elsewhere it does not.
  const text = normaliseText(raw.trimEnd().replace(/\u00ad$/, '-'))
    .replace(/\s+/g, ' ')
    .trim();
  if (text === '') return undefined;
  const visible = run.filter((item) => item.text.trim() !== '');
  const size = sizeOf(visible);
  const baseline = visible.find((item) => item.size === size)?.baseline ?? visible[0]?.baseline ?? 0;
  const box: PdfLine['box'] = [
    Math.min(...visible.map((item) => item.left)),
    Math.min(...visible.map((item) => item.baseline - item.size * item.ascent)),
    Math.max(...visible.map((item) => item.left + item.width)),
    Math.max(...visible.map((item) => item.baseline + item.size * item.descent)),
  ];
  return {
    text,
    box: box.map((value) => Math.round(value * 10) / 10) as PdfLine['box'],
    baseline,
    size: Math.round(size * 10) / 10,
    isUpright: run[0]?.isUpright ?? true,
  };
}

function needsSpace(text: string, previous: PdfTextItem, item: PdfTextItem): boolean {
  if (item.text === '' || /\s$/.test(text) || /^\s/.test(item.text)) return false;
  if (item.isRightToLeft || previous.isRightToLeft) return false;
  return item.left - (previous.left + previous.width) > Math.min(previous.size, item.size) * wordGap;
}

/** The size that most characters of a line have. */
function sizeOf(items: PdfTextItem[]): number {
  const counts = new Map<number, number>();
  for (const item of items) counts.set(item.size, (counts.get(item.size) ?? 0) + item.text.length);
  let best = 0;
  let bestCount = -1;
  for (const [size, count] of counts) {
    if (count > bestCount) [best, bestCount] = [size, count];
  }
  return best;
}
