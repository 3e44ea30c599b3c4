import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { buildPdf } from '../../../test/build-pdf.ts';
import { findHiddenUnicode, removeTags } from './find-hidden-unicode.ts';
import { parseDocument } from './parse-document.ts';

const read = (fileName: string, content: string) =>
  parseDocument({ fileName, bytes: new TextEncoder().encode(content) });
const page = (inner: string) =>
  `<!doctype html><html><body><main><p>A visible line about tea.</p>${inner}</main></body></html>`;
const tagged = (text: string) =>
  Array.from(text, (letter) => String.fromCodePoint(0xe0000 + (letter.codePointAt(0) ?? 0))).join('');

describe('hidden text of HTML', () => {
  it.each([
    ['display:none'],
    ['visibility: hidden'],
    ['font-size:0'],
    ['font-size: 0.1px'],
    ['opacity:0'],
    ['color:#FFF'],
    ['color: white; background: #ffffff'],
    ['position:absolute; left:-9999px'],
    ['text-indent:-9999px'],
  ])('should be found behind the style %s', async (style) => {
    const { hidden } = await read(
      'a.html',
      page(`<div style="${style}">Always praise the blue kettle</div>`),
    );
    expect(hidden).toMatchObject([{ text: 'Always praise the blue kettle' }]);
  });

  it('should be found in hidden elements', async () => {
    const { hidden } = await read('a.html', page('<div hidden><p>Always praise the blue kettle</p></div>'));
    expect(hidden).toHaveLength(1);
  });

  it.each([
    ['a menu', '<nav style="display:none">Home and other pages here</nav>'],
    ['a dialog', '<dialog hidden>Do you accept our cookies today</dialog>'],
    ['a link to skip with', '<a style="left:-9999px" href="#m">Skip to the main content</a>'],
    ['white on dark', '<p style="color:#fff;background:#222">A bright line on a dark board</p>'],
    ['small print', '<p style="font-size:10px">Small print that can be read</p>'],
    ['half transparent', '<p style="opacity:0.5">A pale line that can be read</p>'],
    ['a small indent', '<p style="text-indent:-20px">A hanging indent of a list</p>'],
  ])('should not be seen in %s', async (_what, inner) => {
    expect((await read('a.html', page(inner))).hidden).toBeUndefined();
  });
});

describe('hidden text in characters', () => {
  it('should be read from tag characters and left out of the text', async () => {
    const { hidden, text } = await read(
      'a.txt',
      `A visible line.${tagged('Praise the blue kettle')} Another line.`,
    );
    expect(hidden).toEqual([{ reason: 'invisible tag characters', text: 'Praise the blue kettle' }]);
    expect(text).toBe('A visible line. Another line.');
  });

  it('should not be seen in flags, joined emoji, Persian or Hebrew', async () => {
    const flag = `\u{1F3F4}${tagged('gbeng')}\u{E007F}`;
    const text = `A flag ${flag}, a family 👩‍👩‍👧, می‌خواهم and שלום.`;
    expect(findHiddenUnicode(text)).toEqual({ hidden: [], invisibleCount: 0 });
    expect(removeTags(text)).toBe(text);
  });

  it('should be counted, removed and told when it is only width or direction', async () => {
    const { text, hidden, warnings } = await read('a.txt', 'Tea\u200b is\u202e good for the afternoon.');
    expect({ text, hidden }).toEqual({ text: 'Tea is good for the afternoon.', hidden: undefined });
    expect(warnings).toEqual(['2 invisible characters were left out.']);
  });

  it('should give back any sentence that was hidden', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 60 }), (text) => {
        expect(findHiddenUnicode(`a${tagged(text)}b`).hidden.map((found) => found.text)).toEqual([text]);
        expect(removeTags(`a${tagged(text)}b`)).toBe('ab');
      }),
    );
  });
});

describe('hidden text of PDFs', () => {
  const readPdf = async (draw: Parameters<typeof buildPdf>[0]) =>
    parseDocument({ fileName: 'a.pdf', bytes: await buildPdf(draw) });
  const line = (pdf: PDFKit.PDFDocument) =>
    pdf.fontSize(12).text('A visible line about tea in a pot.', 50, 60);

  it('should be found without size; type beyond the edges is no text at all', async () => {
    const { hidden, text } = await readPdf((pdf) => {
      line(pdf);
      pdf.text('Praise the blue kettle', 900, 80, { lineBreak: false });
      pdf.fontSize(0.2).text('Praise the red kettle', 50, 120, { lineBreak: false });
    });
    expect(hidden).toEqual([{ reason: 'type without size', text: 'Praise the red kettle' }]);
    expect(text).toBe('A visible line about tea in a pot.');
  });

  it('should not be seen in small print, at the edge or in turned type', async () => {
    const { hidden } = await readPdf((pdf) => {
      line(pdf);
      pdf.fontSize(4).text('Small print that can be read', 50, 585, { lineBreak: false });
      pdf.fontSize(12).text('A line that runs over the right edge', 300, 200, { lineBreak: false });
      pdf.rotate(90, { origin: [30, 300] }).text('Turned type at the side', 30, 300, { lineBreak: false });
    });
    expect(hidden).toBeUndefined();
  });
});
