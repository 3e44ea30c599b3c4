export type Paint = (text: string) => string;

/** Where a command writes: results to stdout, messages and progress to stderr. */
export type Terminal = {
  /** Writes text to stdout as it is. */
  write: (text: string) => void;
  /** Writes a line to stderr. */
  say: (text: string) => void;
  /** Replaces the line of progress on stderr; an empty text removes it. Nothing when stderr is not a terminal. */
  progress: (text: string) => void;
  /** Whether stdout is a terminal that a person reads. */
  isInteractive: boolean;
  bold: Paint;
  dim: Paint;
  red: Paint;
  yellow: Paint;
  green: Paint;
};

type Output = { write: (text: string) => unknown; isTTY?: boolean; columns?: number };

const CLEAR_LINE = '\r\u001B[2K';
const DEFAULT_COLUMNS = 80;

/**
 * A terminal over two output streams. Colours only where stdout is a terminal and colour is not switched off
 * (`NO_COLOR`, https://no-color.org).
 */
export function createTerminal(options: { stdout: Output; stderr: Output; hasColour: boolean }): Terminal {
  const { stdout, stderr } = options;
  const isInteractive = stdout.isTTY === true;
  const paint = (open: number, close: number): Paint =>
    isInteractive && options.hasColour ? (text) => `\u001B[${open}m${text}\u001B[${close}m` : (text) => text;
  let hasProgress = false;
  const progress = (text: string): void => {
    if (stderr.isTTY !== true || (text === '' && !hasProgress)) return;
    stderr.write(`${CLEAR_LINE}${text.slice(0, (stderr.columns ?? DEFAULT_COLUMNS) - 1)}`);
    hasProgress = text !== '';
  };
  return {
    write: (text) => {
      progress('');
      stdout.write(text);
    },
    say: (text) => {
      progress('');
      stderr.write(`${text}\n`);
    },
    progress,
    isInteractive,
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    yellow: paint(33, 39),
    green: paint(32, 39),
  };
}

/** Text from documents and models without control characters, which could drive the terminal; tabs and newlines stay. */
export function withoutControls(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/(?![\t\n])\p{Cc}/gu, '');
}

/** Rows as left-aligned columns, two spaces apart, without a trailing newline. The first row is the head. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
