import { decodeText } from './decode-text.ts';
import { hasQuestionAnswerHeader } from './formats/parse-csv.ts';
import { hasSubtitleTiming } from './formats/parse-subtitles.ts';
import { hasTranscriptStamps } from './formats/parse-transcript.ts';
import { type DocumentFormat, DocumentProblem } from './parsed-document.ts';
import { sniffSignature } from './sniff-signature.ts';

const formatNames: Record<DocumentFormat, string> = {
  pdf: 'a PDF document',
  docx: 'a Word document (DOCX)',
  html: 'an HTML page',
  markdown: 'a Markdown file',
  text: 'a plain text file',
  srt: 'an SRT subtitle file',
  vtt: 'a WebVTT subtitle file',
  transcript: 'a transcript with time stamps',
  csv: 'a CSV file',
};

const formatsByExtension: Record<string, DocumentFormat> = {
  pdf: 'pdf',
  docx: 'docx',
  html: 'html',
  htm: 'html',
  xhtml: 'html',
  md: 'markdown',
  markdown: 'markdown',
  txt: 'text',
  text: 'text',
  srt: 'srt',
  vtt: 'vtt',
  csv: 'csv',
  tsv: 'csv',
};

const supported = 'PDF, DOCX, HTML, Markdown, TXT, SRT, VTT or CSV';

/** How much of a text file is looked at, in UTF-16 code units. */
const probeLength = 20_000;

/**
 * Tells the format of a file from its content; the name decides only where content cannot (Markdown or plain text).
 * @throws DocumentProblem `document_type_mismatch` when the content is something else than the extension says,
 * `unsupported_media_type` for kinds that no parser reads, `document_encrypted`, `document_empty` and
 * `document_unreadable` as `decodeText` does.
 */
export function sniffFormat({ bytes, fileName }: { bytes: Uint8Array; fileName: string }): DocumentFormat {
  if (bytes.length === 0) {
    throw new DocumentProblem(
      'document_empty',
      `${fileName} is empty (0 bytes). Save it again and upload it.`,
    );
  }
  const extension = /\.([a-z0-9]+)$/i.exec(fileName)?.[1]?.toLowerCase();
  const named = extension === undefined ? undefined : formatsByExtension[extension];
  const signature = sniffSignature(bytes, named === 'pdf');
  if (signature?.isEncrypted) {
    throw new DocumentProblem(
      'document_encrypted',
      `${fileName} is protected with a password. Save a copy without the password and upload that.`,
    );
  }
  if (signature?.format && extension === undefined) return signature.format;
  if (extension !== undefined && named === undefined)
    throw unsupportedExtension({ fileName, extension, inside: signature?.name });
  if (signature) return matchSignature({ signature, named, fileName });
  if (named === 'pdf' || named === 'docx') throw notInside(named, { bytes, fileName });
  return sniffTextFormat({ text: decodeText(bytes).text, named, fileName });
}

function unsupportedExtension(input: {
  fileName: string;
  extension: string;
  inside: string | undefined;
}): DocumentProblem {
  const inside = input.inside === undefined ? '' : ` (it holds ${input.inside})`;
  return new DocumentProblem(
    'unsupported_media_type',
    `${input.fileName}${inside}: files ending in .${input.extension} cannot be read. Upload ${supported}.`,
  );
}

function matchSignature(input: {
  signature: { name: string; format?: DocumentFormat };
  named: DocumentFormat | undefined;
  fileName: string;
}): DocumentFormat {
  const { signature, named, fileName } = input;
  if (named !== undefined && signature.format === named) return named;
  if (named === undefined) {
    throw new DocumentProblem(
      'unsupported_media_type',
      `${fileName} is ${signature.name}. Upload ${supported}.`,
    );
  }
  const fix = signature.format
    ? `Rename it so that it ends in .${signature.format} and upload it again.`
    : `Export it as ${supported} and upload that.`;
  throw new DocumentProblem(
    'document_type_mismatch',
    `${fileName} is named like ${formatNames[named]}, but it is ${signature.name}. ${fix}`,
  );
}

function notInside(named: 'pdf' | 'docx', input: { bytes: Uint8Array; fileName: string }): DocumentProblem {
  const found = textInside(input.bytes);
  if (found === 'empty') {
    return new DocumentProblem(
      'document_empty',
      `${input.fileName} holds only white space. Export the document again and upload it.`,
    );
  }
  const what =
    found === 'binary' ? 'its content is damaged or of an unknown kind' : `it is ${formatNames[found]}`;
  const missing = named === 'pdf' ? ' (there is no %PDF header in its first 1,024 bytes)' : '';
  return new DocumentProblem(
    'document_type_mismatch',
    `${input.fileName} is named like ${formatNames[named]}, but ${what}${missing}. ` +
      'Export the document again, or rename the file after what it holds.',
  );
}

function textInside(bytes: Uint8Array): DocumentFormat | 'empty' | 'binary' {
  try {
    return sniffTextFormat({ text: decodeText(bytes).text, named: undefined, fileName: '' });
  } catch (error) {
    if (error instanceof DocumentProblem) return error.code === 'document_empty' ? 'empty' : 'binary';
    throw error;
  }
}

function sniffTextFormat(input: {
  text: string;
  named: DocumentFormat | undefined;
  fileName: string;
}): DocumentFormat {
  const { named, fileName } = input;
  const probe = input.text.slice(0, probeLength);
  const isMarkdown = named === 'markdown';
  if (/^WEBVTT(?:[ \t\n]|$)/.test(probe)) return 'vtt';
  if (/^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*<(?:!doctype html|html)[\s>]/i.test(probe))
    return 'html';
  // READMEs often begin with tags, and Markdown about subtitles shows samples of them: there the name is right.
  if (isMarkdown) return hasTranscriptStamps(probe) ? 'transcript' : 'markdown';
  if (named === 'html') return 'html';
  if (hasSubtitleTiming(probe)) return named === 'vtt' ? 'vtt' : 'srt';
  if (named === 'srt' || named === 'vtt') {
    throw new DocumentProblem(
      'document_type_mismatch',
      `${fileName} is named like ${formatNames[named]}, but it is a text file without cue times such as ` +
        '"00:00:01,000 --> 00:00:04,000". Rename it so that it ends in .txt, or export the subtitles again.',
    );
  }
  if (named === 'csv' || hasQuestionAnswerHeader(probe)) return 'csv';
  if (hasTranscriptStamps(probe)) return 'transcript';
  if (/^\s*<(?:head|body|div|p|article|section|main|h[1-6]|table|ul)[\s>]/i.test(probe)) return 'html';
  return 'text';
}
