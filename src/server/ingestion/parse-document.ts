import { decodeText } from './decode-text.ts';
import { DocumentProblem, type DocumentFormat, type ParsedDocument } from './parsed-document.ts';
import { sniffFormat } from './sniff-format.ts';

export type ParseInput = {
  bytes: Uint8Array;
  /** The name it was uploaded under; only its extension counts. */
  fileName: string;
  /** Called as pages are done, for formats that have pages. */
  onProgress?: (progress: { pagesDone: number; pageCount: number }) => void;
};

/**
 * Turns a file into text with blocks. It runs in the calling thread and without limits of time or memory; files from
 * outside go through `createDocumentParser`.
 * @throws DocumentProblem for every file that cannot become text, with the fix in its message.
 */
export async function parseDocument(input: ParseInput): Promise<ParsedDocument> {
  const format = sniffFormat(input);
  try {
    const parsed = await parseAs(format, input);
    if (parsed.blocks.length > 0) return parsed;
  } catch (error) {
    throw asProblem(error);
  }
  throw new DocumentProblem(
    format === 'docx' || format === 'html' ? 'document_without_text' : 'document_empty',
    'The document holds no readable text. Check that the file has text outside of pictures, forms and menus.',
  );
}

async function parseAs(format: DocumentFormat, input: ParseInput): Promise<ParsedDocument> {
  const { bytes, onProgress } = input;
  // Each parser brings a large library, so that only the one in need is loaded.
  if (format === 'pdf') {
    const { parsePdf } = await import('./pdf/parse-pdf.ts');
    return parsePdf({ bytes, onPage: (pagesDone, pageCount) => onProgress?.({ pagesDone, pageCount }) });
  }
  if (format === 'docx') {
    const { parseDocx } = await import('./formats/parse-docx.ts');
    return parseDocx({ bytes });
  }
  const { text, warnings, hidden } = decodeText(bytes);
  const parsed = await parseDecoded(format, text);
  const allHidden = [...hidden, ...(parsed.hidden ?? [])];
  return {
    ...parsed,
    warnings: [...warnings, ...parsed.warnings],
    ...(allHidden.length > 0 ? { hidden: allHidden } : {}),
  };
}

async function parseDecoded(
  format: Exclude<DocumentFormat, 'pdf' | 'docx'>,
  text: string,
): Promise<ParsedDocument> {
  switch (format) {
    case 'html':
      return (await import('./formats/parse-html.ts')).parseHtml({ text });
    case 'markdown':
      return (await import('./formats/parse-markdown.ts')).parseMarkdown({ text });
    case 'srt':
    case 'vtt':
      return (await import('./formats/parse-subtitles.ts')).parseSubtitles({ text, format });
    case 'transcript':
      return (await import('./formats/parse-transcript.ts')).parseTranscript({ text });
    case 'csv':
      return (await import('./formats/parse-csv.ts')).parseCsv({ text });
    default:
      return (await import('./formats/parse-text.ts')).parseText({ text });
  }
}

function asProblem(error: unknown): unknown {
  if (error instanceof RangeError && /call stack/i.test(error.message)) {
    return new DocumentProblem(
      'document_too_complex',
      'The document is nested too deeply to be read. Save it in a simpler form, such as plain text, and upload that.',
      { cause: error },
    );
  }
  return error;
}
