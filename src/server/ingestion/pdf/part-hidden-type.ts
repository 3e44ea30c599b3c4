import { groupPdfLines, type PdfTextItem } from './group-pdf-lines.ts';
import type { HiddenText } from '../parsed-document.ts';

/** Smaller type cannot be read on any screen or paper, in points. */
const SMALLEST_TYPE = 1;

/**
 * Parts the type that a reader of a PDF page can see from type without size. Type beyond the edges of the page is left
 * out by pdf.js already; colours are not known here, so that white type on white stays among the shown.
 */
export function partHiddenType(items: readonly PdfTextItem[]): {
  shown: PdfTextItem[];
  hidden: HiddenText[];
} {
  const isHidden = (item: PdfTextItem) => item.size < SMALLEST_TYPE && /\p{L}/u.test(item.text);
  const unseen = items.filter(isHidden);
  if (unseen.length === 0) return { shown: [...items], hidden: [] };
  const text = groupPdfLines(unseen)
    .map((line) => line.text)
    .join(' ');
  return {
    shown: items.filter((item) => !isHidden(item)),
    hidden: [{ reason: 'type without size', text }],
  };
}
