import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { buildPdf } from '../../../../test/build-pdf.ts';
import { parsePdf } from './parse-pdf.ts';

const sentence =
  'The staff has two ends and the road has one, so that a patient walker carries both of them home before the evening.';

function drawLines(pdf: PDFKit.PDFDocument, lines: string[], from = 100): void {
  for (const [index, line] of lines.entries()) pdf.text(line, 50, from + index * 14, { lineBreak: false });
}

describe('parsePdf', () => {
  it('should join the lines of a paragraph and keep paragraphs apart', async () => {
    const word = fc.stringMatching(/^[a-z]{2,9}$/);
    const paragraph = fc
      .array(word, { minLength: 30, maxLength: 60 })
      .map((words) => `Start ${words.join(' ')}.`);
    await fc.assert(
      fc.asyncProperty(fc.array(paragraph, { minLength: 1, maxLength: 6 }), async (paragraphs) => {
        const bytes = await buildPdf((pdf) => {
          pdf.fontSize(10);
          for (const text of paragraphs) pdf.text(text).moveDown(1);
        });
        const parsed = await parsePdf({ bytes });
        expect(parsed.text).toBe(paragraphs.join('\n\n'));
        let end = 0;
        for (const block of parsed.blocks) {
          expect(block.start).toBeGreaterThanOrEqual(end);
          expect(block.end).toBeGreaterThan(block.start);
          expect(block.page).toBeGreaterThan(0);
          end = block.end;
        }
      }),
      { numRuns: 15 },
    );
  });

  it('should give each line its box in points from the top left of its page', async () => {
    const bytes = await buildPdf((pdf) => {
      pdf.fontSize(12).text('First page', 70, 100, { lineBreak: false });
      pdf.addPage().text('Second page', 80, 500, { lineBreak: false });
    });
    const [first, second] = (await parsePdf({ bytes })).blocks;
    expect(first).toMatchObject({ page: 1, kind: 'line' });
    expect(second).toMatchObject({ page: 2 });
    const [left = 0, top = 0, right = 0, bottom = 0] = first?.box ?? [];
    expect(left).toBeCloseTo(70, 0);
    expect(Math.abs(top - 100)).toBeLessThan(4);
    expect(right).toBeGreaterThan(110);
    expect(bottom - top).toBeGreaterThan(8);
    expect(bottom - top).toBeLessThan(18);
    expect(second?.box?.[1]).toBeGreaterThan(490);
  });

  it('should make words whole that a line end broke, and keep hyphens that belong', async () => {
    const bytes = await buildPdf((pdf) => {
      pdf.fontSize(10);
      drawLines(pdf, [
        'We were talking about a well-known matter of disci-',
        'pline, which a well-',
        'known teacher of the',
        'long-',
        'Distance walk explained.',
      ]);
    });
    expect((await parsePdf({ bytes })).text).toBe(
      'We were talking about a well-known matter of discipline, which a well-known teacher of the long-Distance walk explained.',
    );
  });

  it('should leave running heads, feet and page numbers out and join a sentence over the pages', async () => {
    const days = ['Monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
    const bytes = await buildPdf((pdf) => {
      for (let page = 1; page <= 7; page += 1) {
        if (page > 1) pdf.addPage();
        pdf
          .fontSize(8)
          .text(page % 2 === 0 ? 'The Book of Tea' : `Chapter One ${page}`, 50, 20, { lineBreak: false });
        pdf.fontSize(10);
        const day = days[page - 1] ?? '';
        drawLines(
          pdf,
          [`${day} began with ${'tea '.repeat(page)}and`, `it went on ${'and on '.repeat(page)}until`],
          60,
        );
        pdf.page.margins.bottom = 0;
        pdf.fontSize(8).text(String(page), 200, 570, { lineBreak: false });
      }
    });
    const { text, pageCount } = await parsePdf({ bytes });
    expect(pageCount).toBe(7);
    expect(text).not.toMatch(/Book of Tea|Chapter One|\d/);
    expect(text).toMatch(
      /^Monday began with tea and it went on and on until tuesday began .* until sunday began [^\n]+$/,
    );
  });

  it('should read columns one after the other', async () => {
    const bytes = await buildPdf(
      (pdf) =>
        pdf
          .fontSize(10)
          .text(`Left column. ${sentence} ${sentence}`, 50, 50, { columns: 2, columnGap: 20, height: 95 }),
      { size: [420, 250] },
    );
    expect((await parsePdf({ bytes })).text).toBe(`Left column. ${sentence} ${sentence}`);
  });

  it('should part columns that a file draws row by row', async () => {
    const words = `${sentence} ${sentence} ${sentence} ${sentence}`.split(' ');
    const rows = Array.from({ length: 10 }, (_, index) => words.slice(index * 7, index * 7 + 7).join(' '));
    const bytes = await buildPdf((pdf) => {
      pdf.fontSize(8).text('A heading that runs over both of the columns and so stays above them', 50, 60, {
        lineBreak: false,
      });
      for (const [index, row] of rows.entries()) {
        pdf
          .text(row, 50, 80 + index * 10, { lineBreak: false })
          .text(row.toUpperCase(), 230, 80 + index * 10, { lineBreak: false });
      }
    });
    const { text } = await parsePdf({ bytes });
    const flat = text.replace(/\s+/g, ' ');
    expect(flat).toMatch(/^A heading/);
    expect(flat).toContain(rows.join(' '));
    expect(flat).toContain(rows.join(' ').toUpperCase());
  });

  it('should take larger type for headings and nest them by size', async () => {
    const bytes = await buildPdf((pdf) => {
      pdf.fontSize(20).text('A Long Title That Needs More Than a Single Line of the Page');
      pdf.fontSize(10).moveDown().text(sentence).moveDown();
      pdf.fontSize(14).text('Part one').moveDown(0.5);
      pdf.fontSize(10).text(sentence);
    });
    const parsed = await parsePdf({ bytes });
    const title = 'A Long Title That Needs More Than a Single Line of the Page';
    expect(parsed.title).toBe(title);
    expect(parsed.text).toBe(`${title}\n\n${sentence}\n\nPart one\n\n${sentence}`);
    expect(parsed.blocks.at(-1)?.headingPath).toEqual([title, 'Part one']);
    expect(parsed.blocks.filter(({ kind }) => kind === 'heading')).toHaveLength(2);
  });

  it.each([
    ['A Real Title', 'A Real Title'],
    ['Microsoft Word - Tea and Cups', 'Tea and Cups'],
    ['untitled', undefined],
    ['Microsoft Word - report.docx', undefined],
  ])('should take the title %j of the metadata as %j', async (title, expected) => {
    const bytes = await buildPdf((pdf) => pdf.fontSize(10).text(sentence), { info: { Title: title } });
    expect((await parsePdf({ bytes })).title).toBe(expected);
  });

  it('should tell how many pages are done', async () => {
    const bytes = await buildPdf((pdf) => pdf.text('one').addPage().text('two').addPage().text('three'));
    const seen: string[] = [];
    await parsePdf({ bytes, onPage: (done, count) => seen.push(`${done}/${count}`) });
    expect(seen).toEqual(['1/3', '2/3', '3/3']);
  });

  it('should ask for OCR when there is no text layer, and warn about single pages', async () => {
    const scan = await buildPdf((pdf) =>
      pdf.rect(10, 10, 100, 100).fill('black').addPage().rect(5, 5, 9, 9).fill('red'),
    );
    await expect(parsePdf({ bytes: scan })).rejects.toMatchObject({
      code: 'document_without_text',
      message: expect.stringMatching(/has 2 pages but no text layer; run OCR first/),
    });
    const mixed = await buildPdf((pdf) =>
      pdf.text('A page of ordinary words. '.repeat(12)).addPage().rect(5, 5, 9, 9).fill('red'),
    );
    expect((await parsePdf({ bytes: mixed })).warnings).toEqual([
      '1 page holds no text; scanned pages need OCR.',
    ]);
  });

  it('should ask for a copy without the password', async () => {
    const bytes = await buildPdf((pdf) => pdf.text('secret'), { userPassword: 'x', ownerPassword: 'y' });
    await expect(parsePdf({ bytes })).rejects.toMatchObject({
      code: 'document_encrypted',
      message: expect.stringMatching(/without the password/),
    });
  });

  it('should say that a PDF is cut off or damaged', async () => {
    const bytes = await buildPdf((pdf) => pdf.text(sentence));
    await expect(parsePdf({ bytes: bytes.slice(0, 200) })).rejects.toMatchObject({
      code: 'document_unreadable',
      message: expect.stringMatching(/cut off/),
    });
    const shell = new TextEncoder().encode('%PDF-1.4\nnothing\n%%EOF');
    await expect(parsePdf({ bytes: shell })).rejects.toMatchObject({
      code: 'document_unreadable',
      message: expect.stringMatching(/damaged/),
    });
  });

  it('should leave the bytes of the caller alone', async () => {
    const bytes = await buildPdf((pdf) => pdf.text(sentence));
    const before = bytes.slice();
    await parsePdf({ bytes });
    expect(bytes).toEqual(before);
  });
});
