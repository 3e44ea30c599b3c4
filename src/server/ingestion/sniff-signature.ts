import type { DocumentFormat } from './parsed-document.ts';

export type Signature = {
  /** What the file is, with an article, for a message: "a PNG image". */
  name: string;
  /** The format of ours that reads it, if one does. */
  format?: DocumentFormat;
  isEncrypted?: boolean;
};

/** First bytes of kinds that people upload by mistake; `?` in the Latin-1 pattern stands for any byte. */
const signatures: [pattern: string, name: string][] = [
  ['\x89PNG\r\n', 'a PNG image'],
  ['\xff\xd8\xff', 'a JPEG image'],
  ['GIF8', 'a GIF image'],
  ['II*\0', 'a TIFF image'],
  ['MM\0*', 'a TIFF image'],
  ['RIFF????WEBP', 'a WebP image'],
  ['RIFF????WAVE', 'a WAV recording'],
  ['????ftyp', 'a video or photo (MP4, MOV or HEIC)'],
  ['\x1aE\xdf\xa3', 'a Matroska or WebM video'],
  ['ID3', 'an MP3 recording'],
  ['\xff\xfb', 'an MP3 recording'],
  ['OggS', 'an Ogg recording'],
  ['\x7fELF', 'a Linux program'],
  ['\xcf\xfa\xed\xfe', 'a macOS program'],
  ['\x1f\x8b', 'a gzip archive'],
  ['7z\xbc\xaf\x27\x1c', 'a 7-Zip archive'],
  ['Rar!\x1a', 'a RAR archive'],
  ['SQLite format 3\0', 'an SQLite database'],
  ['{\\rtf', 'a rich text file (RTF)'],
  ['%!PS', 'a PostScript file'],
];

/** Files in a ZIP archive (their names are never compressed) that tell what kind it is. */
const zipKinds: [member: string, name: string][] = [
  ['xl/workbook', 'an Excel workbook'],
  ['ppt/presentation', 'a PowerPoint presentation'],
  ['application/epub+zip', 'an EPUB book'],
  ['application/vnd.oasis.opendocument', 'an OpenDocument file'],
];

/**
 * Recognises PDF, DOCX and the common binary kinds by their bytes; undefined for anything else, such as text.
 * A PDF header may stand anywhere in the first 1,024 bytes (ISO 32000-1, annex H, note 13), but after other text it
 * counts only when `isNamedPdf` or when a PDF trailer follows, since prose may mention the header.
 */
export function sniffSignature(bytes: Uint8Array, isNamedPdf: boolean): Signature | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = buffer.toString('latin1', 0, 1024 + 5);
  if (isPdf({ buffer, head, isNamedPdf })) return { name: 'a PDF document', format: 'pdf' };
  if (head.startsWith('PK\x03\x04') || head.startsWith('PK\x05\x06')) return zipSignature(buffer);
  if (head.startsWith('\xd0\xcf\x11\xe0\xa1\xb1')) return compoundFileSignature(buffer);
  if (head.startsWith('MZ') && head.includes('\0')) return { name: 'a Windows program' };
  if (head.startsWith('BM') && buffer.length > 6 && buffer.readUInt32LE(2) === buffer.length)
    return { name: 'a BMP image' };
  const found = signatures.find(([pattern]) => startsWithPattern(head, pattern));
  return found ? { name: found[1] } : undefined;
}

function isPdf({ buffer, head, isNamedPdf }: { buffer: Buffer; head: string; isNamedPdf: boolean }): boolean {
  if (/^(?:\xef\xbb\xbf)?\s*%PDF-/.test(head)) return true;
  if (!head.includes('%PDF-')) return false;
  return isNamedPdf || buffer.includes('startxref', Math.max(0, buffer.length - 2048));
}

function zipSignature(buffer: Buffer): Signature {
  if (buffer.includes('word/document.xml') || buffer.includes('word/document2.xml')) {
    return { name: 'a Word document (DOCX)', format: 'docx' };
  }
  return { name: zipKinds.find(([member]) => buffer.includes(member))?.[1] ?? 'a ZIP archive' };
}

function compoundFileSignature(buffer: Buffer): Signature {
  // Office encrypts a DOCX by wrapping it in a compound file with this stream ([MS-OFFCRYPTO] 2.3.4.4).
  if (buffer.includes(Buffer.from('EncryptedPackage', 'utf16le'))) {
    return { name: 'a Word document with a password', isEncrypted: true };
  }
  return { name: 'an old Office file (DOC, XLS or PPT); save it as DOCX' };
}

function startsWithPattern(head: string, pattern: string): boolean {
  for (let index = 0; index < pattern.length; index += 1) {
    if (pattern[index] !== '?' && pattern[index] !== head[index]) return false;
  }
  return true;
}
