import mammoth from 'mammoth';

import { inspectDocx } from './inspect-docx.ts';
import { parseHtml } from './parse-html.ts';
import { DocumentProblem, type ParsedDocument } from '../parsed-document.ts';

/**
 * Reads a Word document: mammoth turns its styles into HTML (Title and Heading 1-6, lists, tables), which the HTML
 * parser reads. Pictures are left out. The title is the document property, or else the first heading.
 * @throws DocumentProblem as `inspectDocx` does, and `document_unreadable` when the document part cannot be read.
 */
export async function parseDocx(input: { bytes: Uint8Array }): Promise<ParsedDocument> {
  const { bytes } = input;
  const { title: namedTitle } = await inspectDocx(bytes);
  const html = await toHtml(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const page = parseHtml({ text: html });
  const title = namedTitle ?? page.title;
  return { ...page, ...(title ? { title } : {}), format: 'docx' };
}

async function toHtml(buffer: Buffer): Promise<string> {
  try {
    const result = await mammoth.convertToHtml(
      { buffer },
      {
        styleMap: ["p[style-name='Title'] => h1:fresh"],
        externalFileAccess: false,
        convertImage: mammoth.images.imgElement(() => Promise.resolve({ src: '' })),
      },
    );
    return result.value;
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new DocumentProblem(
      'document_unreadable',
      `The Word document cannot be read (${detail}). Open it in Word or LibreOffice, save it again and upload that.`,
      { cause: error },
    );
  }
}
