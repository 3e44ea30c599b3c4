import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseSubtitles } from './parse-subtitles.ts';

function blockTexts(parsed: ReturnType<typeof parseSubtitles>): string[] {
  return parsed.blocks.map((block) => parsed.text.slice(block.start, block.end));
}

function vtt(body: string): ReturnType<typeof parseSubtitles> {
  return parseSubtitles({ text: `WEBVTT\n\n${body}`, format: 'vtt' });
}

function stamp(milliseconds: number, format: 'srt' | 'vtt'): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const rest = `${two((milliseconds / 60_000) % 60)}:${two((milliseconds / 1000) % 60)}`;
  const fraction = String(milliseconds % 1000).padStart(3, '0');
  const hours = Math.floor(milliseconds / 3_600_000);
  if (format === 'srt') return `${two(hours)}:${rest},${fraction}`;
  return `${hours > 0 ? `${two(hours)}:` : ''}${rest}.${fraction}`;
}

describe('parseSubtitles', () => {
  it('should join a sentence over cue borders and keep the time of each cue', () => {
    const parsed = parseSubtitles({
      text: '1\n00:00:01,500 --> 00:00:03,000\nA sentence that\ngoes on\n\n2\n00:00:03,000 --> 00:00:05,250\nin the next cue.\n',
      format: 'srt',
    });
    expect(parsed.text).toBe('A sentence that goes on in the next cue.');
    expect(parsed.blocks).toEqual([
      { start: 0, end: 23, kind: 'cue', startSecond: 1.5, endSecond: 3 },
      { start: 24, end: 40, kind: 'cue', startSecond: 3, endSecond: 5.25 },
    ]);
  });

  it('should read identifiers, settings, optional hours and header-less text', () => {
    const parsed = vtt(
      'intro\n00:01.000 --> 00:02.000 align:start position:10%\nOne.\n\n01:00:03.5 --> 01:00:04\nTwo.',
    );
    expect(parsed.blocks.map((block) => [block.startSecond, block.endSecond])).toEqual([
      [1, 2],
      [3603.5, 3604],
    ]);
  });

  it('should leave NOTE, STYLE and REGION blocks and the header out', () => {
    const parsed = parseSubtitles({
      text: 'WEBVTT\nKind: captions\n\nNOTE a remark\nover two lines\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:x\n\n00:01.000 --> 00:02.000\nNOTE is a word here.',
      format: 'vtt',
    });
    expect(parsed.text).toBe('NOTE is a word here.');
  });

  it('should drop tags, keep speakers and decode entities', () => {
    const parsed = vtt(
      '00:01.000 --> 00:02.000\n<v.loud Roger Bean>Hello <i>there</i> &amp; <00:01.500><c.x>welcome</c>, 3 &lt; 4</v>\n\n' +
        '00:02.000 --> 00:03.000\n<v Roger Bean>I go on.\n\n00:03.000 --> 00:04.000\n<v Ann>And I answer <3',
    );
    expect(parsed.text).toBe('Roger Bean: Hello there & welcome, 3 < 4 I go on.\n\nAnn: And I answer <3');
  });

  it('should start a paragraph after a finished sentence and a pause', () => {
    const parsed = vtt(
      '00:01.000 --> 00:02.000\nDone.\n\n00:05.000 --> 00:06.000\nNext\n\n00:09.000 --> 00:10.000\ngoes on.',
    );
    expect(parsed.text).toBe('Done.\n\nNext goes on.');
  });

  it('should show the lines of rolling captions once', () => {
    const parsed = vtt(
      '00:01.000 --> 00:03.000\nwelcome to the\n\n00:03.000 --> 00:03.010\nwelcome to the\n\n' +
        '00:03.010 --> 00:05.000\nwelcome to the\nsecond line of talk\n\n00:05.000 --> 00:07.000\nsecond line of talk that grows',
    );
    expect(blockTexts(parsed)).toEqual(['welcome to the', 'second line of talk', 'that grows']);
    expect(parsed.blocks[0]?.endSecond).toBe(3.01);
  });

  it('should keep a repetition that somebody speaks', () => {
    expect(
      vtt('00:01.000 --> 00:02.000\nBreathe in.\n\n00:04.000 --> 00:05.000\nBreathe in.').blocks,
    ).toHaveLength(2);
  });

  it('should read cues without the blank line between them', () => {
    const parsed = parseSubtitles({
      text: '1\n00:00:01,000 --> 00:00:02,000\nOne.\n2\n00:00:02,000 --> 00:00:03,000\nTwo.',
      format: 'srt',
    });
    expect(blockTexts(parsed)).toEqual(['One.', 'Two.']);
  });

  it('should name bad cue times with their lines', () => {
    const parsed = vtt('00:05.000 --> 00:02.000\nBackwards.\n\n5 --> 6\nnot a time');
    expect(parsed.warnings).toEqual([
      'line 3: the cue ends before it starts',
      'line 6 is not a cue time: "5 --> 6"',
    ]);
  });

  it('should refuse a file without any cue text', () => {
    expect(() => vtt('NOTE nothing')).toThrow(expect.objectContaining({ code: 'document_unreadable' }));
  });

  it.each(['srt', 'vtt'] as const)('should give back the words and times of any %s it is given', (format) => {
    const word = fc.stringMatching(/^[A-Za-zäöü',.?!]{1,10}$/);
    const cue = fc.record({
      gap: fc.nat(9000),
      length: fc.integer({ min: 1, max: 9000 }),
      words: fc.array(word, { minLength: 1, maxLength: 8 }),
    });
    fc.assert(
      fc.property(fc.array(cue, { minLength: 1, maxLength: 12 }), (cues) => {
        let now = 0;
        const expected = cues.map(({ gap, length, words }, index) => {
          const start = now + gap;
          now = start + length;
          // The number keeps neighbours apart, since equal neighbours are taken for rolling captions.
          return { start, end: now, text: `c${index} ${words.join(' ')}` };
        });
        const body = expected.map(
          ({ start, end, text }, index) =>
            `${index + 1}\n${stamp(start, format)} --> ${stamp(end, format)}\n${text}\n`,
        );
        const parsed = parseSubtitles({
          text: (format === 'vtt' ? 'WEBVTT\n\n' : '') + body.join('\n'),
          format,
        });
        expect(blockTexts(parsed)).toEqual(expected.map(({ text }) => text));
        expect(parsed.blocks.map((block) => [block.startSecond, block.endSecond])).toEqual(
          expected.map(({ start, end }) =>
            [start / 1000, end / 1000].map((second) => expect.closeTo(second, 6)),
          ),
        );
      }),
    );
  });
});
