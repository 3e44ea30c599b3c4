import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createTerminal, formatTable, withoutControls } from './terminal.ts';

function record(options: { isTTY: boolean; columns?: number }) {
  const written: string[] = [];
  return { written, stream: { ...options, write: (text: string) => written.push(text) } };
}

describe('createTerminal', () => {
  it('should colour only in a terminal with colour', () => {
    const bold = (isTTY: boolean, hasColour: boolean) => {
      const { stream } = record({ isTTY });
      return createTerminal({ stdout: stream, stderr: stream, hasColour }).bold('a');
    };
    expect(bold(true, true)).toBe('\u001B[1ma\u001B[22m');
    expect(bold(true, false)).toBe('a');
    expect(bold(false, true)).toBe('a');
  });

  it('should show progress on one line of stderr and remove it before other output', () => {
    const stdout = record({ isTTY: true });
    const stderr = record({ isTTY: true, columns: 10 });
    const terminal = createTerminal({ stdout: stdout.stream, stderr: stderr.stream, hasColour: false });
    terminal.progress('0123456789abc');
    terminal.write('result\n');
    terminal.write('more\n');
    expect(stderr.written).toEqual(['\r\u001B[2K012345678', '\r\u001B[2K']);
    expect(stdout.written).toEqual(['result\n', 'more\n']);
  });

  it('should show no progress when stderr is a file', () => {
    const output = record({ isTTY: false });
    createTerminal({ stdout: output.stream, stderr: output.stream, hasColour: false }).progress('half');
    expect(output.written).toEqual([]);
  });
});

describe('withoutControls', () => {
  it('should leave no control character but tab and newline, and all other text as it is', () => {
    expect(withoutControls('a\u001B[31mb\u0007\r\nc\td\u009B')).toBe('a[31mb\nc\td');
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('a', '\t', '\n', '\u0000', '\u001B', '\u007F', '\u009B', 'é', '息'),
        }),
        (text) => {
          expect(withoutControls(text)).not.toMatch(/(?![\t\n])\p{Cc}/u);
          expect(withoutControls(text).replace(/[\t\n]/g, '')).toBe(text.replace(/\p{Cc}/gu, ''));
        },
      ),
    );
  });
});

describe('formatTable', () => {
  it('should align columns and leave no space at the end of a line', () => {
    const table = formatTable([
      ['File', 'Result', ''],
      ['a.pdf', 'indexed', ''],
      ['long.pdf', 'failed', 'no text'],
    ]);
    expect(table).toBe('File      Result\na.pdf     indexed\nlong.pdf  failed   no text');
  });
});
