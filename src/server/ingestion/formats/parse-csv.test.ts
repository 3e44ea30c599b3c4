import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { collapseWhitespace } from '../normalise-text.ts';
import { parseCsv } from './parse-csv.ts';

describe('parseCsv', () => {
  it('should make one pair a row, whatever the order and case of the columns', () => {
    const parsed = parseCsv({
      text: 'Id,ANSWER,Question,tags\n1,"Yes, it is.",Is tea hot?,x\n2,No,"Is ""ice"" hot?",y\n',
    });
    expect(parsed.text).toBe('Is tea hot?\nYes, it is.\n\nIs "ice" hot?\nNo');
    expect(parsed.blocks.map(({ kind }) => kind)).toEqual(['pair', 'pair']);
    expect(parsed.warnings).toEqual([]);
  });

  it.each([';', '\t', ','])('should read the separator %j', (separator) => {
    expect(parseCsv({ text: `question${separator}answer\nq${separator}a` }).text).toBe('q\na');
  });

  it('should keep line breaks of an answer and fold those of a question', () => {
    expect(parseCsv({ text: 'question,answer\n"one\ntwo","a\n\n b  c"' }).text).toBe('one two\na\nb c');
  });

  it('should name rows with problems by the line they start on', () => {
    const parsed = parseCsv({
      text: 'question,answer\n"a\nb",fine\n,no question\nno answer,\ntoo,many,cells\nq,a',
    });
    expect(parsed.blocks).toHaveLength(2);
    expect(parsed.warnings).toEqual([
      'Line 4: the question is empty; the row was left out.',
      'Line 5: the answer is empty; the row was left out.',
      expect.stringMatching(/^Line 6: the row has 3 cells and the header 2/),
    ]);
  });

  it.each([
    ['a missing header', 'name,age\nBob,4', /Line 1 .*"name,age"/],
    ['an open quotation mark', 'question,answer\nq,"never closed\nx,y', /line \d.*quotation mark/],
    ['no rows', 'question,answer\n', /no row with a question and an answer/],
    ['no usable rows', 'question,answer\nq,\n', /Line 2: the answer is empty/],
  ])('should refuse %s', (_, text, message) => {
    expect(() => parseCsv({ text })).toThrow(
      expect.objectContaining({ code: 'document_unreadable', message: expect.stringMatching(message) }),
    );
  });

  it('should give back any questions and answers', () => {
    const cell = fc.string({ minLength: 1, maxLength: 30 }).filter((text) => collapseWhitespace(text) !== '');
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }),
        fc.constantFrom(',', ';', '\t'),
        (rows, separator) => {
          const lines = rows.map((row) => row.map(quoted).join(separator));
          const parsed = parseCsv({ text: [`question${separator}answer`, ...lines].join('\n') });
          expect(parsed.blocks.map(({ start, end }) => parsed.text.slice(start, end))).toEqual(
            rows.map(
              ([question, answer]) => `${collapseWhitespace(question)}\n${collapseWhitespace(answer)}`,
            ),
          );
        },
      ),
    );
  });
});
