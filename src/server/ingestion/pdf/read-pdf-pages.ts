import { getResolvedPDFJS } from 'unpdf';

import { orderPdfColumns } from './order-pdf-columns.ts';
import { DocumentProblem, type HiddenText } from '../parsed-document.ts';
import { partHiddenType } from './part-hidden-type.ts';
import { groupPdfLines, type PdfLine, type PdfTextItem } from './group-pdf-lines.ts';

export type PdfPage = {
  number: number;
  width: number;
  height: number;
  lines: PdfLine[];
  /** Whether most characters come from fonts that do not say which letters they show. */
  isGarbled: boolean;
  /** What nobody sees on the page: type without size. It is not among the lines. */
  hidden: HiddenText[];
};
export type PdfContent = { pages: PdfPage[]; title?: string; unreadablePages: number[] };

type PdfDocument = Awaited<
  ReturnType<Awaited<ReturnType<typeof getResolvedPDFJS>>['getDocument']>['promise']
>;
type PdfPageProxy = Awaited<ReturnType<PdfDocument['getPage']>>;

/**
 * Reads the text layer of a PDF with pdf.js, page by page: lines in the order of the content stream (columns apart) with boxes in
 * points from the top left corner of the page as it is shown (rotation applied). Pages that fail are listed.
 * @throws DocumentProblem `document_encrypted`, `document_unreadable` for what pdf.js cannot open or a PDF without pages.
 */
export async function readPdfPages(input: {
  bytes: Uint8Array;
  onPage?: (pagesDone: number, pageCount: number) => void;
}): Promise<PdfContent> {
  const pdfjs = await getResolvedPDFJS();
  const task = pdfjs.getDocument({
    // A copy: pdf.js takes the buffer for itself and refuses the Buffer subclass.
    data: new Uint8Array(input.bytes),
    verbosity: pdfjs.VerbosityLevel.ERRORS,
    disableFontFace: true,
    useSystemFonts: false,
    fontExtraProperties: false,
    maxImageSize: 0,
    enableXfa: false,
  });
  try {
    const document = await task.promise.catch((error: unknown) => {
      throw openingProblem(error, input.bytes);
    });
    if (document.numPages < 1) {
      throw new DocumentProblem(
        'document_unreadable',
        'The PDF has no pages. Export the document again and upload it.',
      );
    }
    return await readAll(document, input.onPage);
  } finally {
    await task.destroy();
  }
}

async function readAll(
  document: PdfDocument,
  onPage: ((pagesDone: number, pageCount: number) => void) | undefined,
): Promise<PdfContent> {
  const pages: PdfPage[] = [];
  const unreadablePages: number[] = [];
  let firstFailure: unknown;
  for (let number = 1; number <= document.numPages; number += 1) {
    try {
      const page = await document.getPage(number);
      pages.push(await readPage(page, number));
      page.cleanup();
    } catch (error) {
      firstFailure ??= error;
      unreadablePages.push(number);
    }
    onPage?.(number, document.numPages);
  }
  if (pages.length === 0) {
    throw new DocumentProblem(
      'document_unreadable',
      'No page of the PDF can be read; the file is damaged. Export or download it again and upload that.',
      { cause: firstFailure },
    );
  }
  const title = await readTitle(document);
  return { pages, unreadablePages, ...(title ? { title } : {}) };
}

async function readPage(page: PdfPageProxy, number: number): Promise<PdfPage> {
  const viewport = page.getViewport({ scale: 1 });
  const content = await page.getTextContent({ includeMarkedContent: false });
  const items: PdfTextItem[] = [];
  const [a, b, c, d, e, f] = viewport.transform as [number, number, number, number, number, number];
  for (const item of content.items) {
    if (!('str' in item) || (item.str === '' && !item.hasEOL)) continue;
    const [ta, tb, tc, td, x, y] = item.transform as [number, number, number, number, number, number];
    const style = content.styles[item.fontName];
    items.push({
      text: item.str,
      left: a * x + c * y + e,
      baseline: b * x + d * y + f,
      width: item.width,
      size: Math.hypot(tc, td) || item.height,
      // The direction of the writing on the shown page; only horizontal lines are joined with others.
      isUpright: Math.abs(b * ta + d * tb) < Math.abs(a * ta + c * tb) * 0.1 && a * ta + c * tb > 0,
      isRightToLeft: item.dir === 'rtl',
      ascent: bounded(style?.ascent, 0.6, 1),
      descent: bounded(-(style?.descent ?? -0.2), 0.1, 0.35),
    });
  }
  const isGarbled = isMostlyUndecoded(items);
  const { shown, hidden } = partHiddenType(items);
  return {
    number,
    width: viewport.width,
    height: viewport.height,
    lines: orderPdfColumns(groupPdfLines(shown)),
    isGarbled,
    hidden,
  };
}

function isMostlyUndecoded(items: PdfTextItem[]): boolean {
  const text = items.map((item) => item.text).join('');
  const undecoded = text.match(/(?!\s)[\p{Cc}\p{Co}\ufffd]/gu)?.length ?? 0;
  return undecoded > 20 && undecoded > text.replace(/\s/g, '').length / 3;
}

/** Fonts give wild or no metrics at times; boxes need sane ones. */
function bounded(value: number | undefined, low: number, high: number): number {
  return value === undefined || !Number.isFinite(value)
    ? (low + high) / 2
    : Math.min(high, Math.max(low, value));
}

async function readTitle(document: PdfDocument): Promise<string | undefined> {
  try {
    const { info } = await document.getMetadata();
    const title: unknown = 'Title' in info ? info.Title : undefined;
    return typeof title === 'string' ? title : undefined;
  } catch {
    // Metadata are optional, and broken ones must not cost the text.
    return undefined;
  }
}

function openingProblem(error: unknown, bytes: Uint8Array): DocumentProblem {
  const name = error instanceof Error ? error.name : '';
  if (name === 'PasswordException') {
    return new DocumentProblem(
      'document_encrypted',
      'The PDF is protected with a password. Save a copy without the password and upload that.',
      { cause: error },
    );
  }
  if (isCutOff(bytes)) {
    return new DocumentProblem(
      'document_unreadable',
      'The PDF is cut off: its end is missing, as after a broken download. Download or export it again and upload that.',
      { cause: error },
    );
  }
  const detail = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
  return new DocumentProblem(
    'document_unreadable',
    `The PDF is damaged (${detail}). Open it in a PDF viewer, print or export it as a new PDF and upload that.`,
    { cause: error },
  );
}

/** Whether the end marker that closes every PDF is absent from the last 2,048 bytes. */
export function isCutOff(bytes: Uint8Array): boolean {
  return !Buffer.from(bytes.subarray(Math.max(0, bytes.length - 2048))).includes('%%EOF');
}
