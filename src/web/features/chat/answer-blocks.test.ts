import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Citation } from '../../../shared/messages.ts';
import { parseAnswer } from './answer-blocks.ts';
import type { Block } from './answer-blocks.ts';
import type { Inline } from './answer-inlines.ts';

const markers = new Set([1, 2, 3]);

function citation(overrides: Partial<Citation> & Pick<Citation, 'start' | 'end'>): Citation {
  const locator = { start: 0, end: 10 };
  return { marker: 1, document_id: 1, passage_id: 1, locator, quote: 'q', support: 1, ...overrides };
}

function parse(content: string, citations: Citation[] = []): Block[] {
  return parseAnswer({ content, citations, markers });
}

function inlinesOf(blocks: Block[]): Inline[] {
  const top = blocks.flatMap((block) =>
    block.kind === 'list' ? block.items.flatMap((item) => item.inlines) : block.inlines,
  );
  return top.flatMap(function flatten(inline): Inline[] {
    return 'children' in inline ? [inline, ...inline.children.flatMap(flatten)] : [inline];
  });
}

function shape(inlines: Inline[]): string[] {
  return inlines.map((inline) => {
    if (inline.kind === 'citation') return `[${inline.marker}]`;
    return inline.kind === 'text' ? `${inline.isWeak ? 'weak:' : ''}${inline.text}` : inline.kind;
  });
}

const markdownish = fc
  .array(
    fc.constantFrom(
      'a',
      'Bé ',
      '**',
      '*',
      '_',
      '`',
      '[1]',
      '[9]',
      '[',
      ']',
      '(',
      ')',
      '\n',
      '\n\n',
      '- ',
      '1. ',
      '> ',
      '# ',
      '  ',
      '. ',
      'https://e.org/x ',
      '[t](https://e.org) ',
      '[t](javascript:x) ',
      '道😀',
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

describe('parseAnswer', () => {
  it('should put a chip where the marker stands, after its sentence', () => {
    expect(shape(inlinesOf(parse('Sit down. [1] Breathe. [2][3]')))).toEqual([
      'Sit down. ',
      '[1]',
      ' Breathe. ',
      '[2]',
      '[3]',
    ]);
  });

  it('should leave a number in brackets alone when no source has it', () => {
    expect(shape(inlinesOf(parse('In [12] and [2026] days.')))).toEqual(['In [12] and [2026] days.']);
  });

  it('should put a chip at the end of a span whose marker is not in the text', () => {
    const blocks = parse('Sit down. Breathe.', [citation({ start: 0, end: 9, marker: 2 })]);
    expect(shape(inlinesOf(blocks))).toEqual(['Sit down.', '[2]', ' Breathe.']);
  });

  it('should mark a sentence below half support, and say why once, at its end', () => {
    const content = 'Sit **down** now. [1] Breathe.';
    const inlines = inlinesOf(parse(content, [citation({ start: 0, end: 17, support: 0.49 })]));
    expect(shape(inlines)).toEqual([
      'weak:Sit ',
      'strong',
      'weak:down',
      'weak: now.',
      ' ',
      '[1]',
      ' Breathe.',
    ]);
    const explained = inlines.filter((inline) => inline.kind === 'text' && inline.endsWeakSpan);
    expect(shape(explained)).toEqual(['weak: now.']);
  });

  it('should take the better of two sources of one sentence', () => {
    const span = { start: 0, end: 9 };
    const blocks = parse('Sit down. [1][2]', [
      citation({ ...span, support: 0.1 }),
      citation({ ...span, marker: 2, support: 0.5 }),
    ]);
    expect(shape(inlinesOf(blocks))[0]).toBe('Sit down. ');
  });

  it('should read paragraphs, headings, quotes and lists, numbered from where they begin', () => {
    const blocks = parse('## Begin\nFirst line\nsecond line\n\n> Kept words\n\n3. three\n4. four\n\n- dot');
    expect(blocks.map(({ kind }) => kind)).toEqual(['heading', 'paragraph', 'quote', 'list', 'list']);
    expect(blocks[3]).toMatchObject({ isOrdered: true, first: 3, items: [{}, {}] });
    expect(blocks[4]).toMatchObject({ isOrdered: false, items: [{}] });
  });

  it('should keep a list together over blank lines and its continuation lines in their item', () => {
    const blocks = parse('1. one\n\n   more of one\n\n2. two');
    expect(blocks).toHaveLength(1);
    expect(blocks[0]).toMatchObject({ items: [{}, {}] });
  });

  it('should link http and https only, without the full stop of the sentence', () => {
    const links = (content: string) =>
      inlinesOf(parse(content)).flatMap((inline) => (inline.kind === 'link' ? [inline.href] : []));
    expect(links('See https://example.org/a. Or [here](http://example.org).')).toEqual([
      'https://example.org/a',
      'http://example.org',
    ]);
    expect(links('[x](javascript:alert(1)) [y](data:text/html,z) javascript:alert(1) [z](//e.org)')).toEqual(
      [],
    );
  });

  it('should keep every text at its offset and lead no link anywhere but to http, whatever comes', () => {
    const spans = fc.array(fc.tuple(fc.nat(80), fc.nat(40), fc.double({ min: 0, max: 1, noNaN: true })), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(markdownish, spans, (content, places) => {
        const citations = places.map(([start, length, support]) =>
          citation({
            start: Math.min(start, content.length),
            end: Math.min(start + length, content.length),
            support,
          }),
        );
        for (const inline of inlinesOf(parse(content, citations))) {
          if (inline.kind === 'text' || inline.kind === 'code') {
            expect(content.slice(inline.start, inline.start + inline.text.length)).toBe(inline.text);
          }
          if (inline.kind === 'link') expect(inline.href).toMatch(/^https?:\/\//u);
        }
      }),
    );
  });

  it('should lose no word and show every citation exactly as often as it is marked or missing', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,6}$/u), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(words, fc.nat(100), fc.nat(30), (parts, start, length) => {
        const content = parts.join(' ');
        const from = Math.min(start, content.length);
        const end = Math.min(from + length, content.length);
        const inlines = inlinesOf(parse(content, [citation({ start: from, end, support: 0.2 })]));
        expect(inlines.map((inline) => (inline.kind === 'text' ? inline.text : '')).join('')).toBe(content);
        expect(inlines.filter(({ kind }) => kind === 'citation')).toHaveLength(1);
        const weak = inlines.map((inline) => (inline.kind === 'text' && inline.isWeak ? inline.text : ''));
        expect(weak.join('')).toBe(content.slice(from, end));
      }),
    );
  });
});
