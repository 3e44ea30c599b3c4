import type { ErrorCode } from '../../shared/error-codes.ts';

export const documentFormats = [
  'pdf',
  'docx',
  'html',
  'markdown',
  'text',
  'srt',
  'vtt',
  'transcript',
  'csv',
] as const;
export type DocumentFormat = (typeof documentFormats)[number];

/** A stretch of a parsed text that shares one place: a PDF line, a paragraph under a heading, a cue, a QA pair. */
export type TextBlock = {
  /** Character range in `ParsedDocument.text`, UTF-16 code units, end exclusive. */
  start: number;
  end: number;
  /** `pair` blocks (a question and its answer) are never split; `heading` blocks start a new passage. */
  kind: 'prose' | 'heading' | 'list' | 'table' | 'code' | 'cue' | 'pair' | 'line';
  headingPath?: string[];
  page?: number;
  /** Left, top, right, bottom in PDF points from the top left of the page. */
  box?: [number, number, number, number];
  startSecond?: number;
  endSecond?: number;
};

/** What every parser returns: one normalised text, and where its pieces stand in the source. */
export type ParsedDocument = {
  format: DocumentFormat;
  title?: string;
  text: string;
  blocks: TextBlock[];
  pageCount?: number;
  /** Things a curator should know that did not stop the parse, such as "2 pages hold no text". */
  warnings: string[];
  /** Text that a reader of the document would not see; it may be in `text` too. */
  hidden?: HiddenText[];
};

export type HiddenText = { reason: string; text: string };

/** A document that cannot become text: a code of the closed table and a sentence with the fix. */
export class DocumentProblem extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'DocumentProblem';
    this.code = code;
  }
}
