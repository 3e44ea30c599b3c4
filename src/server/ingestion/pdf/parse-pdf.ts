import { dropRunningLines } from './drop-running-lines.ts';
import { countWords, joinOf, type PlacedLine } from './join-pdf-lines.ts';
import { collapseWhitespace } from '../normalise-text.ts';
import { DocumentProblem, type ParsedDocument } from '../parsed-document.ts';
import { judgeTextLayer } from './judge-text-layer.ts';
import { measurePdfType, type PdfType } from './measure-pdf-type.ts';
import { isCutOff, type PdfContent, readPdfPages } from './read-pdf-pages.ts';
import { createStructuredText } from '../structured-text.ts';

/**
 * Reads the text layer of a PDF: one `line` block a line with its page and box, `heading` blocks for larger type,
 * paragraphs parted by a blank line and words that a line end broke made whole. Running heads and feet are left out.
 * The title is the one in the metadata when it looks like one, or else the largest type on the first page with text.
 * @throws DocumentProblem as `readPdfPages` does, `document_without_text` for scans.
 */
export async function parsePdf(input: {
  bytes: Uint8Array;
  onPage?: (pagesDone: number, pageCount: number) => void;
}): Promise<ParsedDocument> {
  const content = await readPdfPages(input);
  const pageCount = content.pages.length + content.unreadablePages.length;
  const isTruncated = isCutOff(input.bytes);
  const blankPages = content.pages.filter(
    (page) => !page.lines.some((line) => /[\p{L}\p{N}]/u.test(line.text)),
  ).length;
  if (blankPages === content.pages.length) throw withoutText(pageCount, isTruncated);
  const pages = dropRunningLines(content.pages);
  const type = measurePdfType(pages);
  const lines = pages.flatMap((page) =>
    page.lines.map((line): PlacedLine => ({ ...line, page: page.number, isHeading: type.isHeading(line) })),
  );
  const title = metadataTitle(content) ?? largestType(lines);
  const composed = compose(lines, type);
  const quality = judgeTextLayer(composed.text, pageCount);
  if (quality === 'meaningless') throw withoutWords();
  return {
    format: 'pdf',
    ...(title ? { title } : {}),
    ...composed,
    pageCount,
    ...hiddenOn(content.pages),
    warnings: [
      ...warningsOf(content, blankPages, isTruncated),
      ...(quality === 'sparse' ? [sparse(composed.text.length, pageCount)] : []),
    ],
  };
}

function hiddenOn(pages: PdfContent['pages']): Pick<ParsedDocument, 'hidden'> {
  const hidden = pages.flatMap((page) => page.hidden);
  return hidden.length > 0 ? { hidden } : {};
}

function compose(lines: PlacedLine[], type: PdfType): Pick<ParsedDocument, 'text' | 'blocks'> {
  const builder = createStructuredText();
  const words = countWords(lines);
  let previous: PlacedLine | undefined;
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] as PlacedLine;
    const next = lines[index + 1];
    const place = { page: line.page, box: line.box };
    if (line.isHeading) {
      const parts = headingParts({ lines, from: index, pitch: type.pitch, words });
      builder.addHeading(-line.size, parts.text, { page: line.page, box: parts.box });
      index += parts.count - 1;
      previous = lines[index];
      continue;
    }
    const join = previous ? joinOf({ previous, line, pitch: type.pitch, words }) : 'paragraph';
    const isBroken =
      next !== undefined && joinOf({ previous: line, line: next, pitch: type.pitch, words }) === 'word';
    const separators = {
      space: endsWithKeptHyphen(previous, line) ? '' : ' ',
      word: '',
      line: '\n',
      paragraph: '\n\n',
    };
    const text = isBroken ? line.text.replace(/[-\u2010]$/, '') : line.text;
    builder.add({ kind: 'line', text, separator: separators[join], place });
    previous = line;
  }
  return builder.finish();
}

/** A hyphen that belongs to a word ("run-time") takes no space behind it at a line end. */
function endsWithKeptHyphen(previous: PlacedLine | undefined, line: PlacedLine): boolean {
  return previous !== undefined && /\p{L}[-\u2010]$/u.test(previous.text) && /^\p{L}/u.test(line.text);
}

function headingParts(input: {
  lines: PlacedLine[];
  from: number;
  pitch: number;
  words: Map<string, number>;
}): {
  text: string;
  box: [number, number, number, number];
  count: number;
} {
  const { lines, from, pitch, words } = input;
  const first = lines[from] as PlacedLine;
  const box: [number, number, number, number] = [...first.box];
  let text = first.text;
  let count = 1;
  for (let next = lines[from + count]; next; next = lines[from + count]) {
    const previous = lines[from + count - 1] as PlacedLine;
    if (!next.isHeading || text.length > 200 || joinOf({ previous, line: next, pitch, words }) !== 'space')
      break;
    text += ` ${next.text}`;
    box[0] = Math.min(box[0], next.box[0]);
    box[1] = Math.min(box[1], next.box[1]);
    box[2] = Math.max(box[2], next.box[2]);
    box[3] = Math.max(box[3], next.box[3]);
    count += 1;
  }
  return { text, box, count };
}

function metadataTitle({ title }: PdfContent): string | undefined {
  const clean = collapseWhitespace(title ?? '').replace(/^Microsoft (?:Word|PowerPoint) - /, '');
  const isPlaceholder = /^(?:untitled|document\d*|title|unknown|no title|slide \d+)$/i.test(clean);
  const isFileName =
    /^\S+\.[a-z]{2,9}$|\.(?:docx?|indd|pdf|tex|dvi|qxd|pptx?|xlsx?|rtf|graffle|pages|odt)$/i.test(clean);
  return clean.length < 3 || isPlaceholder || isFileName || !/\p{L}{2}/u.test(clean) ? undefined : clean;
}

function largestType(lines: PlacedLine[]): string | undefined {
  const firstPage = lines.filter((line) => line.page === lines[0]?.page && /\p{L}{2}/u.test(line.text));
  const largest = Math.max(...firstPage.map((line) => line.size));
  const from = firstPage.findIndex((line) => line.size >= largest - 0.2);
  // Type of one size throughout says nothing about a title.
  if (from < 0 || firstPage.every((line) => line.size >= largest - 0.2)) return undefined;
  const parts: string[] = [];
  for (const line of firstPage.slice(from)) {
    if (line.size < largest - 0.2 || parts.join(' ').length > 150) break;
    parts.push(line.text);
  }
  const title = parts.join(' ');
  return title.length > 150 ? undefined : title;
}

function withoutWords(): DocumentProblem {
  return new DocumentProblem(
    'document_without_text',
    'The text layer of the PDF holds no words, only runs of repeated characters; run OCR on it or export it again.',
  );
}

function sparse(characters: number, pageCount: number): string {
  const pages = pageCount === 1 ? '1 page' : `${pageCount} pages`;
  return `The PDF holds only ${characters} characters on ${pages}; pages that are images need OCR.`;
}

function withoutText(pageCount: number, isTruncated: boolean): DocumentProblem {
  if (isTruncated) {
    return new DocumentProblem(
      'document_unreadable',
      'The PDF is cut off: its end and its text are missing, as after a broken download. Download or export it again and upload that.',
    );
  }
  const pages = pageCount === 1 ? '1 page' : `${pageCount} pages`;
  return new DocumentProblem(
    'document_without_text',
    `The PDF has ${pages} but no text layer; run OCR first (for example with OCRmyPDF) and upload the result.`,
  );
}

function warningsOf(content: PdfContent, blankPages: number, isTruncated: boolean): string[] {
  const warnings: string[] = [];
  const { unreadablePages } = content;
  if (unreadablePages.length > 0) {
    const listed = unreadablePages.slice(0, 10).join(', ');
    warnings.push(
      `${unreadablePages.length} damaged pages were left out (${listed}${unreadablePages.length > 10 ? ', ...' : ''}).`,
    );
  }
  if (blankPages > 0) {
    warnings.push(
      `${blankPages === 1 ? '1 page holds' : `${blankPages} pages hold`} no text; scanned pages need OCR.`,
    );
  }
  const garbledPages = content.pages.filter((page) => page.isGarbled).length;
  if (garbledPages > 0) {
    warnings.push(
      `${garbledPages === 1 ? '1 page has a font' : `${garbledPages} pages have fonts`} without a letter table, so that text is missing; run OCR.`,
    );
  }
  if (isTruncated)
    warnings.push('The end of the PDF is missing; pages may be lost. Download or export it again.');
  return warnings;
}
