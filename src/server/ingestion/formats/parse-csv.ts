import { CsvError, parse } from 'csv-parse/sync';

import { collapseWhitespace } from '../normalise-text.ts';
import { DocumentProblem, type ParsedDocument } from '../parsed-document.ts';
import { createStructuredText } from '../structured-text.ts';

const delimiters = [',', ';', '\t'];
const maximumWarnings = 20;

type Header = { delimiter: string; question: number; answer: number; columnCount: number };
type Row = { cells: string[]; line: number };

/** Whether the first line of a text names a `question` and an `answer` column. */
export function hasQuestionAnswerHeader(text: string): boolean {
  return findHeader(text) !== undefined;
}

/**
 * Reads a table of questions and answers (RFC 4180; comma, semicolon or tab): a header row names the columns in any
 * case and order, other columns are ignored, and each row becomes one `pair` block "question\nanswer". Rows without
 * one of the two, or with more cells than the header, are left out and named with their line in the warnings.
 * @param input.text text as `decodeText` returns it.
 * @throws DocumentProblem `document_unreadable` naming the line, for a missing header, broken quoting or no usable row.
 */
export function parseCsv(input: { text: string }): ParsedDocument {
  const header = findHeader(input.text);
  if (!header) {
    throw new DocumentProblem(
      'document_unreadable',
      `Line 1 of the CSV file must be a header with the columns question and answer; it is "${firstLine(input.text)}". ` +
        'Name the two columns and upload the file again.',
    );
  }
  const builder = createStructuredText();
  const problems: string[] = [];
  for (const row of readRows(input.text, header.delimiter).slice(1)) {
    const problem = rowProblem(row, header);
    if (problem) {
      problems.push(`Line ${row.line}: ${problem}`);
      continue;
    }
    const { question, answer } = pairOf(row, header);
    builder.add({ kind: 'pair', text: `${question}\n${answer}` });
  }
  const { text, blocks } = builder.finish();
  if (blocks.length === 0) {
    throw new DocumentProblem(
      'document_unreadable',
      `The CSV file has no row with a question and an answer.${problems[0] ? ` ${problems[0]}` : ''} Add rows below the header.`,
    );
  }
  return { format: 'csv', text, blocks, warnings: limited(problems) };
}

function findHeader(text: string): Header | undefined {
  const line = firstLine(text);
  for (const delimiter of delimiters) {
    const names = line
      .split(delimiter)
      .map((cell) => collapseWhitespace(cell.replace(/["']/g, '')).toLowerCase());
    const question = names.indexOf('question');
    const answer = names.indexOf('answer');
    if (question >= 0 && answer >= 0) return { delimiter, question, answer, columnCount: names.length };
  }
  return undefined;
}

function firstLine(text: string): string {
  return (text.trimStart().split('\n', 1)[0] ?? '').slice(0, 200);
}

function readRows(text: string, delimiter: string): Row[] {
  // A line as the curator's editor counts it, even when blank lines stand above the header.
  const linesAbove = text.slice(0, text.length - text.trimStart().length).split('\n').length - 1;
  try {
    const records = parse(text.trimStart(), {
      delimiter,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    }) as unknown as { record: string[]; info: { lines: number } }[];
    let lastLine = 0;
    return records.map(({ record, info }) => {
      const line = lastLine + 1;
      lastLine = info.lines;
      return { cells: record, line: line + linesAbove };
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error['lines'] === 'number' ? error['lines'] + linesAbove : undefined;
    throw new DocumentProblem(
      'document_unreadable',
      `The CSV file cannot be read${line ? ` at line ${line}` : ''}: a quotation mark is not closed or stands in the wrong place. ` +
        'Quote cells that hold commas or line breaks, and double the quotation marks inside them.',
      { cause: error },
    );
  }
}

function pairOf(row: Row, header: Header): { question: string; answer: string } {
  const answer = (row.cells[header.answer] ?? '')
    .split('\n')
    .map((line) => collapseWhitespace(line))
    .filter((line) => line !== '')
    .join('\n');
  return { question: collapseWhitespace(row.cells[header.question] ?? ''), answer };
}

function rowProblem(row: Row, header: Header): string | undefined {
  if (row.cells.length > header.columnCount) {
    return (
      `the row has ${row.cells.length} cells and the header ${header.columnCount}; it was left out. ` +
      'Put quotation marks around cells that hold the separator.'
    );
  }
  const { question, answer } = pairOf(row, header);
  if (question === '' && answer === '') return 'question and answer are empty; the row was left out.';
  if (question === '') return 'the question is empty; the row was left out.';
  return answer === '' ? 'the answer is empty; the row was left out.' : undefined;
}

function limited(problems: string[]): string[] {
  if (problems.length <= maximumWarnings) return problems;
  return [
    ...problems.slice(0, maximumWarnings),
    `and ${problems.length - maximumWarnings} more rows were left out.`,
  ];
}
