import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, describe, expect, it } from 'vitest';

import { createDocumentParser } from './create-document-parser.ts';
import { DocumentProblem } from './parsed-document.ts';

const folder = fileURLToPath(new URL('../../../../shared/pdfs/', import.meta.url));
const list = (path: string): string[] =>
  existsSync(path) ? readdirSync(path).filter((name) => name.endsWith('.pdf')) : [];

describe.skipIf(!existsSync(folder))('real PDFs', () => {
  const parser = createDocumentParser();
  afterAll(() => parser.close());
  const parse = (name: string): ReturnType<typeof parser.parse> =>
    parser.parse({ bytes: readFileSync(join(folder, name)), fileName: name });

  it.each(list(folder))('should read %s', async (name) => {
    const { text, blocks, pageCount = 0 } = await parse(name);
    let end = 0;
    for (const block of blocks) {
      expect(block.start).toBeGreaterThanOrEqual(end);
      expect(text.slice(block.start, block.end).trim()).not.toBe('');
      expect(block.page).toBeLessThanOrEqual(pageCount);
      end = block.end;
    }
    expect(blocks.length).toBeGreaterThan(0);
  });

  it.each(list(join(folder, 'broken')))(
    'should end broken/%s with text or a problem within its limits',
    async (name) => {
      const outcome = await parse(join('broken', name)).catch((error: unknown) => error);
      if (outcome instanceof Error) {
        expect(outcome).toBeInstanceOf(DocumentProblem);
        expect((outcome as DocumentProblem).code).not.toBe('document_too_complex');
      } else {
        expect(outcome).toMatchObject({ format: 'pdf' });
      }
    },
  );

  it('should read columns in order and make broken words whole', async () => {
    const { text, title } = await parse('tracemonkey.pdf');
    expect(title).toMatch(/^Trace-based Just-in-Time Type Specialization/);
    expect(text).toContain('are more difficult to compile than statically typed ones.');
    expect(text.indexOf('Categories and Subject Descriptors')).toBeLessThan(
      text.indexOf('Google Docs and Zimbra'),
    );
  });

  it('should leave the running heads of a book out', async () => {
    const { text, pageCount } = await parse('freeculture.pdf');
    expect(pageCount).toBe(352);
    expect(text.match(/^FREE CULTURE$/gm)?.length ?? 0).toBeLessThan(5);
    expect(text.match(/^\d{1,3}$/gm)?.length ?? 0).toBeLessThan(10);
  });
});
