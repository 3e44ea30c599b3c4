import { type Entry, fromBuffer, type ZipFile } from 'yauzl';

import { collapseWhitespace } from '../normalise-text.ts';
import { DocumentProblem } from '../parsed-document.ts';

const maximumUnpackedBytes = 100 * 1024 * 1024;
const maximumEntries = 5000;
/** Real Word documents stay below 50; deflate itself ends near 1,000. */
const maximumRatio = 200;
/** Small files of repeated text may pack very well and do no harm, in bytes. */
const ratioFreeBytes = 5 * 1024 * 1024;

/**
 * Checks a DOCX archive before anything unpacks it: number of entries, unpacked size (declared, and counted while
 * the XML parts are read) and ratio. Returns the title in its properties (Open Packaging Conventions, `docProps/core.xml`).
 * @throws DocumentProblem `document_too_complex` over a limit, `document_unreadable` for a damaged archive,
 * `document_encrypted` for entries with a password.
 */
export async function inspectDocx(bytes: Uint8Array): Promise<{ title?: string }> {
  const zip = await openZip(bytes);
  if (zip.entryCount > maximumEntries)
    throw tooComplex(`holds ${zip.entryCount} entries, over the limit of ${maximumEntries}`);
  const entries = await listEntries(zip);
  for (const entry of entries) {
    if (entry.isEncrypted()) {
      throw new DocumentProblem(
        'document_encrypted',
        'The Word document is protected with a password. Save a copy without the password and upload that.',
      );
    }
  }
  let title: string | undefined;
  for (const entry of entries) {
    if (!/\.(?:xml|rels)$/i.test(entry.fileName)) continue;
    const content = await readEntry(zip, entry, entry.fileName === 'docProps/core.xml');
    title ??= /<dc:title>([^<]*)<\/dc:title>/.exec(content)?.[1];
  }
  const clean = collapseWhitespace(decodeXml(title ?? ''));
  return clean ? { title: clean } : {};
}

function openZip(bytes: Uint8Array): Promise<ZipFile> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return new Promise((resolve, reject) => {
    fromBuffer(buffer, { lazyEntries: true, validateEntrySizes: true }, (error, zip) => {
      if (error) reject(damaged(error));
      else resolve(zip);
    });
  });
}

function listEntries(zip: ZipFile): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    let unpackedBytes = 0;
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      unpackedBytes += entry.uncompressedSize;
      const ratio = entry.uncompressedSize / Math.max(1, entry.compressedSize);
      if (unpackedBytes > maximumUnpackedBytes) {
        reject(tooComplex('unpacks to more than 100 MB'));
      } else if (ratio > maximumRatio && entry.uncompressedSize > ratioFreeBytes) {
        reject(tooComplex(`unpacks ${entry.fileName} to ${Math.round(ratio)} times its size`));
      } else {
        zip.readEntry();
      }
    });
    zip.on('end', () => resolve(entries));
    zip.on('error', (error: Error) => reject(damaged(error)));
    zip.readEntry();
  });
}

/** Unpacks an entry to the end, so that a size which its directory entry hides is found; keeps the text if asked to. */
function readEntry(zip: ZipFile, entry: Entry, keepsText: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) {
        reject(damaged(error));
        return;
      }
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => {
        if (keepsText) chunks.push(chunk);
      });
      stream.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      stream.on('error', (cause: Error) => reject(damaged(cause)));
    });
  });
}

function decodeXml(text: string): string {
  const names: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (whole, name: string) => names[name] ?? whole);
}

function tooComplex(finding: string): DocumentProblem {
  return new DocumentProblem(
    'document_too_complex',
    `The Word document ${finding}. Save it again without embedded files, or split it, and upload that.`,
  );
}

function damaged(cause: unknown): DocumentProblem {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new DocumentProblem(
    'document_unreadable',
    `The Word document is damaged or cut off (${detail}). Open it in Word or LibreOffice, save it again and upload that.`,
    { cause },
  );
}
