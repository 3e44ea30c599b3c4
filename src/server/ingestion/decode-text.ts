import { findHiddenUnicode, removeTags } from './find-hidden-unicode.ts';
import { normaliseText } from './normalise-text.ts';
import { DocumentProblem, type HiddenText } from './parsed-document.ts';

export type DecodedText = {
  /** In the normal form of `normaliseText`. */
  text: string;
  encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
  warnings: string[];
  /** Sentences in characters that nobody sees; left out of `text`. */
  hidden: HiddenText[];
};

/** The start of a file that is looked at to tell UTF-16 without a byte order mark, in bytes. */
const probeBytes = 4096;

/**
 * Turns the bytes of a text file into normalised text: UTF-8, UTF-16 by byte order mark or by its pattern of zero
 * bytes, else windows-1252 (a superset of Latin-1) with a warning.
 * @throws DocumentProblem `document_empty` without any character but white space, `document_unreadable` for bytes
 * that are not text.
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  if (bytes.length === 0) {
    throw new DocumentProblem('document_empty', 'The file is empty (0 bytes). Save it again and upload it.');
  }
  const { text: raw, encoding } = decodeBytes(bytes);
  assertIsText(raw, encoding);
  const text = normaliseText(raw);
  if (text.trim() === '') {
    throw new DocumentProblem(
      'document_empty',
      'The file holds only white space. Upload a file with text in it.',
    );
  }
  const { hidden, invisibleCount } = findHiddenUnicode(raw);
  const warnings =
    encoding === 'windows-1252'
      ? [
          'The file is not UTF-8; it was read as Western European (windows-1252). Save it as UTF-8 if letters look wrong.',
        ]
      : [];
  if (invisibleCount > 0) warnings.push(`${invisibleCount} invisible characters were left out.`);
  return { text: removeTags(text), encoding, warnings, hidden };
}

function decodeBytes(bytes: Uint8Array): { text: string; encoding: DecodedText['encoding'] } {
  const wide = wideEncoding(bytes);
  if (wide) return { text: new TextDecoder(wide).decode(bytes), encoding: wide };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), encoding: 'utf-8' };
  } catch {
    // Not UTF-8: windows-1252 gives every byte a character, so that this cannot fail.
    return { text: new TextDecoder('windows-1252').decode(bytes), encoding: 'windows-1252' };
  }
}

function wideEncoding(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const pairs = Math.floor(Math.min(bytes.length, probeBytes) / 2);
  if (pairs === 0) return undefined;
  const zeros: [number, number] = [0, 0];
  for (let index = 0; index < pairs * 2; index += 1) {
    if (bytes[index] === 0) zeros[(index % 2) as 0 | 1] += 1;
  }
  // Western text has a zero high byte in nearly every character, and never a zero low byte.
  if (zeros[1] > pairs * 0.6 && zeros[0] === 0) return 'utf-16le';
  if (zeros[0] > pairs * 0.6 && zeros[1] === 0) return 'utf-16be';
  return undefined;
}

function assertIsText(text: string, encoding: DecodedText['encoding']): void {
  const nulAt = text.indexOf('\0');
  if (nulAt >= 0) {
    throw new DocumentProblem(
      'document_unreadable',
      `The file contains NUL bytes (the first at character ${nulAt + 1}), so it is not a text file. ` +
        'Export it as plain text in UTF-8 and upload it again.',
    );
  }
  const controlCount = text.match(/(?![\s\u0080-\u009f])\p{Cc}/gu)?.length ?? 0;
  const undecodedCount = encoding === 'utf-8' ? 0 : (text.match(/\ufffd/g)?.length ?? 0);
  if (controlCount + undecodedCount > Math.max(2, text.length * 0.02)) {
    throw new DocumentProblem(
      'document_unreadable',
      'The file holds binary data, not text. Export it as PDF, DOCX or plain text in UTF-8 and upload it again.',
    );
  }
}
