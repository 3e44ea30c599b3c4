import { describe, expect, it } from 'vitest';

import { dropRunningLines } from './drop-running-lines.ts';
import type { PdfPage } from './read-pdf-pages.ts';

function page(number: number, rows: [text: string, baseline: number][]): PdfPage {
  const lines = rows.map(([text, baseline]) => ({
    text,
    baseline,
    size: 10,
    isUpright: true,
    box: [50, baseline - 8, 300, baseline + 2] as [number, number, number, number],
  }));
  return { number, width: 420, height: 600, lines, isGarbled: false, hidden: [] };
}

const texts = (pages: PdfPage[]): string[][] => pages.map(({ lines }) => lines.map(({ text }) => text));

describe('dropRunningLines', () => {
  it('should drop heads that alternate, whatever the number in them', () => {
    const pages = Array.from({ length: 8 }, (_, index) =>
      page(index + 1, [
        [index % 2 === 0 ? `${index + 1} The Book` : `Chapter One ${index + 1}`, 30],
        [`body ${'x'.repeat(index)}`, 300],
      ]),
    );
    expect(
      texts(dropRunningLines(pages))
        .flat()
        .filter((text) => !text.startsWith('body')),
    ).toEqual([]);
  });

  it('should drop rare page numbers that count with the pages, and no other numbers', () => {
    const numbers = new Map([
      [3, '13'],
      [9, '19'],
      [20, '30'],
      [25, '1984'],
    ]);
    const pages = Array.from({ length: 30 }, (_, index) =>
      page(index + 1, [
        [`body ${'x'.repeat(index)}`, 300],
        ...(numbers.has(index + 1) ? [[numbers.get(index + 1) ?? '', 580] as [string, number]] : []),
      ]),
    );
    expect(
      texts(dropRunningLines(pages))
        .flat()
        .filter((text) => !text.startsWith('body')),
    ).toEqual(['1984']);
  });

  it('should keep lines that repeat in the middle of the page, and all of a short document', () => {
    const middle = [1, 2, 3, 4].map((number) => page(number, [['Question', 300]]));
    expect(dropRunningLines(middle)).toEqual(middle);
    const short = [1, 2].map((number) => page(number, [['Letterhead', 30]]));
    expect(dropRunningLines(short)).toEqual(short);
  });
});
