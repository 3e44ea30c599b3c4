import type { PdfPage } from './read-pdf-pages.ts';

/** How many lines from the top and from the bottom of a page may be running heads or feet. */
const edgeLines = 3;
/** A running line stands on at least this many pages ... */
const minimumPages = 3;
/** ... and on this part of the pages between its first and its last one; heads often alternate left and right. */
const minimumDensity = 0.4;

/**
 * Leaves out running headers, footers and page numbers: short lines among the outermost of a page which stand at the
 * same height, with the same words but for numbers, on most pages of a stretch of the document.
 */
export function dropRunningLines(pages: PdfPage[]): PdfPage[] {
  if (pages.length < minimumPages) return pages;
  const seenOn = new Map<string, number[]>();
  const keysByPage = pages.map((page) => edgeKeys(page));
  for (const [index, keys] of keysByPage.entries()) {
    for (const key of new Set(keys.values())) {
      seenOn.set(key, [...(seenOn.get(key) ?? []), index]);
    }
  }
  const running = new Set<string>();
  for (const [key, indexes] of seenOn) {
    const span = (indexes.at(-1) ?? 0) - (indexes[0] ?? 0) + 1;
    if (indexes.length >= minimumPages && indexes.length >= span * minimumDensity) running.add(key);
  }
  const isPageNumber = findPageNumbers(pages, keysByPage);
  return pages.map((page, index) => {
    const keys = keysByPage[index];
    const lines = page.lines.filter(
      (line, at) => !running.has(keys?.get(at) ?? '') && !(keys?.has(at) && isPageNumber(page, line.text)),
    );
    return lines.length === page.lines.length ? page : { ...page, lines };
  });
}

/**
 * Chapters often open with a page number alone, too rarely to count as running. A number at the edge is one when it
 * differs from the count of the pages by the same amount as others do.
 */
function findPageNumbers(
  pages: PdfPage[],
  keysByPage: Map<number, string>[],
): (page: PdfPage, text: string) => boolean {
  const counts = new Map<number, number>();
  for (const [index, page] of pages.entries()) {
    for (const at of keysByPage[index]?.keys() ?? []) {
      const text = page.lines[at]?.text ?? '';
      if (!/^\d{1,4}$/.test(text)) continue;
      const offset = Number(text) - page.number;
      counts.set(offset, (counts.get(offset) ?? 0) + 1);
    }
  }
  return (page, text) =>
    /^\d{1,4}$/.test(text) && (counts.get(Number(text) - page.number) ?? 0) >= minimumPages;
}

/** For each outermost line of a page (by its index): its words with numbers made alike, and its height. */
function edgeKeys(page: PdfPage): Map<number, string> {
  const upright = page.lines.map((line, index) => ({ line, index })).filter(({ line }) => line.isUpright);
  const byHeight = upright.toSorted((first, second) => first.line.baseline - second.line.baseline);
  const keys = new Map<number, string>();
  for (const [edge, candidates] of [
    ['top', byHeight.slice(0, edgeLines)],
    ['bottom', byHeight.slice(-edgeLines)],
  ] as const) {
    for (const { line, index } of candidates) {
      if (line.text.length > 100) continue;
      const isInMargin =
        edge === 'top' ? line.baseline < page.height * 0.2 : line.baseline > page.height * 0.8;
      if (!isInMargin) continue;
      const words = line.text
        .toLowerCase()
        .replace(/\d+/g, '#')
        .replace(/^[ivxlc]+$|(?<=^|\s)[ivxlc]+$/g, '#')
        .replace(/\s+/g, '');
      // Heights are compared in steps of 4 points, since renderers round them.
      keys.set(index, `${edge} ${Math.round(line.baseline / 4)} ${words}`);
    }
  }
  return keys;
}
