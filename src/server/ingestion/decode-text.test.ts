import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decodeText } from './decode-text.ts';
import { normaliseText } from './normalise-text.ts';
import { DocumentProblem } from './parsed-document.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function bigEndian(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

describe('decodeText', () => {
  it('should read UTF-8 with and without a byte order mark', () => {
    expect(decodeText(utf8('\ufeffCafé\r\nbar'))).toEqual({
      text: 'Café\nbar',
      encoding: 'utf-8',
      warnings: [],
      hidden: [],
    });
    expect(decodeText(utf8('Café 茶')).text).toBe('Café 茶');
  });

  it.each([
    ['UTF-16 LE with a mark', Buffer.from('\ufeffDer Tee', 'utf16le'), 'utf-16le'],
    ['UTF-16 BE with a mark', bigEndian('\ufeffDer Tee'), 'utf-16be'],
    ['UTF-16 LE without a mark', Buffer.from('Der Tee ist heiß.', 'utf16le'), 'utf-16le'],
    ['UTF-16 BE without a mark', bigEndian('Der Tee ist heiß.'), 'utf-16be'],
  ])('should read %s', (_, bytes, encoding) => {
    const decoded = decodeText(bytes);
    expect(decoded.encoding).toBe(encoding);
    expect(decoded.text).toMatch(/^Der Tee/);
  });

  it('should read Latin-1 and windows-1252 with a warning', () => {
    const decoded = decodeText(Uint8Array.of(0x93, 0x54, 0xe9, 0x94));
    expect(decoded.text).toBe('“Té”');
    expect(decoded.warnings).toHaveLength(1);
  });

  it('should compose accents and drop characters without width', () => {
    expect(decodeText(utf8('cafe\u0301 zu\u00adsam\u200bmen\ufeff 1\u00a0kg')).text).toBe(
      'café zusammen 1 kg',
    );
  });

  it('should keep the joiners that Persian and emoji need', () => {
    expect(decodeText(utf8('می\u200cخواهم 👩\u200d👧 plain\u200dtext')).text).toBe(
      'می\u200cخواهم 👩\u200d👧 plaintext',
    );
  });

  it.each([
    ['no bytes', new Uint8Array(), 'document_empty'],
    ['only white space', utf8(' \n\t\u00a0\n'), 'document_empty'],
    ['only characters without width', utf8('\u200b\u200b'), 'document_empty'],
    ['NUL bytes', utf8('text\0more text that goes on\0'), 'document_unreadable'],
    [
      'binary data',
      Uint8Array.from({ length: 200 }, (_, index) => 1 + ((index * 37) % 31)),
      'document_unreadable',
    ],
  ])('should refuse %s', (_, bytes, code) => {
    expect(() => decodeText(bytes)).toThrow(expect.objectContaining({ name: 'DocumentProblem', code }));
  });

  it('should say that a text contains NUL bytes', () => {
    expect(() => decodeText(utf8('abc\0defghijklm'))).toThrow(
      /contains NUL bytes \(the first at character 4\)/,
    );
  });

  it('should end in normal text or a DocumentProblem for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          const { text } = decodeText(bytes);
          expect(text).toBe(normaliseText(text));
          expect(text.trim()).not.toBe('');
        } catch (error) {
          if (!(error instanceof DocumentProblem)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('should give the same text for every encoding of it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Zäöüéñ ,.]{2,80}$/), (text) => {
        fc.pre(text.trim() !== '');
        const expected = decodeText(utf8(text)).text;
        expect(decodeText(Buffer.from(`\ufeff${text}`, 'utf16le')).text).toBe(expected);
        expect(decodeText(bigEndian(`\ufeff${text}`)).text).toBe(expected);
      }),
    );
  });
});

describe('normaliseText', () => {
  it('should change nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const once = normaliseText(text);
        expect(normaliseText(once)).toBe(once);
      }),
      { numRuns: 300 },
    );
  });
});
