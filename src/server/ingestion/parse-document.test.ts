import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseDocument } from './parse-document.ts';
import { DocumentProblem } from './parsed-document.ts';

const fragments = [
  '# Title\n',
  '## Part\n',
  '\n\n',
  '\n',
  '- item\n',
  '1. one\n',
  '| a | b |\n|---|---|\n| c | d |\n',
  '```\ncode\n',
  '> quote ',
  '[00:12] ',
  '(1:02:03) ',
  'WEBVTT\n\n',
  '00:01.000 --> 00:02.500\n',
  '2\n00:00:03,000 --> 00:00:04,000\n',
  'NOTE x\n',
  '<p>',
  '</p>',
  '<div hidden>',
  '<li>',
  '<table><tr><td>',
  '<h2>',
  '<pre>',
  '<!doctype html>',
  '<script>',
  '&amp;',
  '<v Ann>',
  'question,answer\n',
  'a,b\n',
  '"q","a"\n',
  '---\ntitle: T\n---\n',
  'Words that say something. ',
  'café\u0301 ',
  '茶',
  '\u200b',
  '👩‍👧 ',
];

const source = fc.oneof(
  fc
    .array(fc.oneof(fc.constantFrom(...fragments), fc.string({ unit: 'grapheme', maxLength: 12 })), {
      maxLength: 25,
    })
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 200 }),
);

describe('parseDocument', () => {
  it.each(['md', 'html', 'txt', 'srt', 'vtt', 'csv'])(
    'should keep its promises about blocks for any .%s file',
    async (extension) => {
      await fc.assert(
        fc.asyncProperty(source, async (text) => {
          let parsed;
          try {
            parsed = await parseDocument({
              bytes: new TextEncoder().encode(text),
              fileName: `file.${extension}`,
            });
          } catch (error) {
            if (error instanceof DocumentProblem) return;
            throw error;
          }
          expect(parsed.blocks.length).toBeGreaterThan(0);
          expect(parsed.text).toBe(parsed.text.normalize('NFC'));
          let end = 0;
          for (const block of parsed.blocks) {
            expect(parsed.text.slice(end, block.start).trim()).toBe('');
            expect(block.end).toBeGreaterThan(block.start);
            expect(parsed.text.slice(block.start, block.end).trim()).toBe(
              parsed.text.slice(block.start, block.end),
            );
            if (block.kind === 'heading')
              expect(block.headingPath?.at(-1)).toBe(parsed.text.slice(block.start, block.end));
            end = block.end;
          }
          expect(end).toBe(parsed.text.length);
        }),
        { numRuns: 150 },
      );
    },
  );

  it('should say that a page without words has no text', async () => {
    const bytes = new TextEncoder().encode('<html><body><img src="x"><script>run()</script></body></html>');
    await expect(parseDocument({ bytes, fileName: 'page.html' })).rejects.toMatchObject({
      code: 'document_without_text',
    });
  });

  it('should say that a document is nested too deeply', async () => {
    const bytes = new TextEncoder().encode(`<!doctype html>${'<div>'.repeat(60_000)}deep`);
    await expect(parseDocument({ bytes, fileName: 'deep.html' })).rejects.toMatchObject({
      code: 'document_too_complex',
    });
  });

  it('should pass the warning about an encoding on', async () => {
    const parsed = await parseDocument({
      bytes: Uint8Array.of(0x63, 0x61, 0x66, 0xe9),
      fileName: 'menu.txt',
    });
    expect(parsed).toMatchObject({ text: 'café', warnings: [expect.stringMatching(/windows-1252/)] });
  });
});
