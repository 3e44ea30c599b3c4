import type { PdfLine } from './group-pdf-lines.ts';
import type { PdfPage } from './read-pdf-pages.ts';

export type PdfType = {
  /** The size of the running text in points. */
  bodySize: number;
  /** The usual distance of two baselines as a multiple of the font size. */
  pitch: number;
  isHeading: (line: PdfLine) => boolean;
};

/** A heading is set at least this much larger than the running text. */
const headingRatio = 1.15;
const maximumHeadingLength = 140;

/** Finds the size and spacing that most of a document's characters and lines have, and so what its headings are. */
export function measurePdfType(pages: PdfPage[]): PdfType {
  const characters = new Map<number, number>();
  const pitches = new Map<number, number>();
  for (const { lines } of pages) {
    for (const [index, line] of lines.entries()) {
      characters.set(line.size, (characters.get(line.size) ?? 0) + line.text.length);
      const next = lines[index + 1];
      if (!next || next.size !== line.size || line.size <= 0) continue;
      const pitch = Math.round(((next.baseline - line.baseline) / line.size) * 20) / 20;
      if (pitch >= 0.8 && pitch <= 3) pitches.set(pitch, (pitches.get(pitch) ?? 0) + line.text.length);
    }
  }
  const bodySize = mostCommon(characters) ?? 10;
  return {
    bodySize,
    pitch: mostCommon(pitches) ?? 1.2,
    isHeading: (line) =>
      line.isUpright &&
      line.size >= bodySize * headingRatio &&
      line.text.length <= maximumHeadingLength &&
      /\p{L}{2}/u.test(line.text),
  };
}

function mostCommon(counts: Map<number, number>): number | undefined {
  let best: number | undefined;
  let bestCount = 0;
  for (const [value, count] of counts) {
    if (count > bestCount) [best, bestCount] = [value, count];
  }
  return best;
}
