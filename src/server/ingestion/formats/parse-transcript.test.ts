import { describe, expect, it } from 'vitest';

import { parseTranscript } from './parse-transcript.ts';

describe('parseTranscript', () => {
  it('should give each stamp its second and end it where the next begins', () => {
    const parsed = parseTranscript({ text: '[00:03] First line.\n[1:02] Second\n[01:02:03] line.' });
    expect(parsed.text).toBe('First line.\nSecond line.');
    expect(parsed.blocks.map(({ startSecond, endSecond }) => [startSecond, endSecond])).toEqual([
      [3, 62],
      [62, 3723],
      [3723, undefined],
    ]);
  });

  it('should read round brackets, ranges and lines without a stamp', () => {
    const parsed = parseTranscript({ text: '(00:03 - 00:09) Herman: Hello\nand welcome.\n\n(00:10) Bye.' });
    expect(parsed.text).toBe('Herman: Hello and welcome.\nBye.');
    expect(parsed.blocks[0]).toMatchObject({ kind: 'cue', startSecond: 3, endSecond: 9 });
  });

  it('should keep what stands before the first stamp', () => {
    const parsed = parseTranscript({ text: 'A talk about tea\n\n[00:00] Tea is\n[00:05] hot.' });
    expect(parsed.blocks.map(({ kind }) => kind)).toEqual(['prose', 'cue', 'cue']);
    expect(parsed.text).toBe('A talk about tea\n\nTea is hot.');
  });

  it('should tell when stamps run backwards', () => {
    const parsed = parseTranscript({ text: '[00:30] One.\n[00:10] Two.' });
    expect(parsed.warnings).toEqual(['1 time stamps are earlier than the one before them.']);
    expect(parsed.blocks[0]).not.toHaveProperty('endSecond');
  });
});
