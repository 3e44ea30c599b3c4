import { describe, expect, it } from 'vitest';

import { parseText } from './parse-text.ts';

describe('parseText', () => {
  it('should join wrapped lines and keep short ones', () => {
    const wrapped =
      'This line was wrapped by an editor because it was long,\nand goes on here.\n \nRoses are red,\nviolets are blue.';
    expect(parseText({ text: wrapped }).text).toBe(
      'This line was wrapped by an editor because it was long, and goes on here.\n\nRoses are red,\nviolets are blue.',
    );
  });

  it('should make paragraphs of long lines and items of bullets', () => {
    const long = 'A sentence that fills a paragraph of its own. '.repeat(4).trim();
    const parsed = parseText({ text: `${long}\n${long}\n\nBring:\n- a cup\n  of tea\n- water` });
    expect(parsed.blocks.map(({ kind, start, end }) => [kind, parsed.text.slice(start, end)])).toEqual([
      ['prose', long],
      ['prose', long],
      ['prose', 'Bring:'],
      ['list', '- a cup of tea'],
      ['list', '- water'],
    ]);
  });
});
