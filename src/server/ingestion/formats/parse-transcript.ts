import { endsSentence } from './join-cues.ts';
import type { ParsedDocument } from '../parsed-document.ts';
import { createStructuredText } from '../structured-text.ts';

const clock = String.raw`(?:\d{1,3}:)?\d{1,3}:\d{2}(?:[.,]\d{1,3})?`;
const stamp = new RegExp(
  String.raw`^\s*(?:\[\s*(${clock})(?:\s*(?:-+>?|–|—|to)\s*(${clock}))?\s*\]|\(\s*(${clock})(?:\s*(?:-+>?|–|—|to)\s*(${clock}))?\s*\))[ \t]*[-–:]?[ \t]*`,
);

type StampedLine = { startSecond: number; endSecond?: number; words: string };

/** Whether a text is a transcript: a stamp in its first ten lines, and in at least a fifth of all its lines. */
export function hasTranscriptStamps(text: string): boolean {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const stamped = lines.filter((line) => stamp.test(line)).length;
  return stamped > 0 && stamped >= lines.length / 5 && lines.slice(0, 10).some((line) => stamp.test(line));
}

/**
 * Reads text whose lines start with `[mm:ss]`, `[h:mm:ss]`, `(mm:ss)` or a range of such: one `cue` block a stamp,
 * from its second to the next one's; lines without a stamp belong to the stamp above, lines before the first are prose.
 * @param input.text text as `decodeText` returns it.
 */
export function parseTranscript(input: { text: string }): ParsedDocument {
  const { preface, cues, outOfOrder } = readStampedLines(input.text);
  const builder = createStructuredText();
  for (const paragraph of preface.split(/\n\s*\n/)) builder.add({ kind: 'prose', text: paragraph });
  let lastWords = '';
  for (const [index, cue] of cues.entries()) {
    const nextStart = cues[index + 1]?.startSecond;
    const endSecond =
      cue.endSecond ?? (nextStart !== undefined && nextStart >= cue.startSecond ? nextStart : undefined);
    const added = builder.add({
      kind: 'cue',
      text: cue.words,
      separator: lastWords === '' ? '\n\n' : endsSentence(lastWords) ? '\n' : ' ',
      place: { startSecond: cue.startSecond, ...(endSecond === undefined ? {} : { endSecond }) },
    });
    if (added) lastWords = cue.words;
  }
  const warnings = outOfOrder > 0 ? [`${outOfOrder} time stamps are earlier than the one before them.`] : [];
  return { format: 'transcript', ...builder.finish(), warnings };
}

function readStampedLines(text: string): { preface: string; cues: StampedLine[]; outOfOrder: number } {
  const cues: StampedLine[] = [];
  const preface: string[] = [];
  let outOfOrder = 0;
  for (const line of text.split('\n')) {
    const found = stamp.exec(line);
    const current = cues.at(-1);
    if (found) {
      const startSecond = toSeconds(found[1] ?? found[3] ?? '0');
      const end = found[2] ?? found[4];
      if (current && startSecond < current.startSecond) outOfOrder += 1;
      const endSecond = end === undefined ? undefined : Math.max(startSecond, toSeconds(end));
      cues.push({
        startSecond,
        ...(endSecond === undefined ? {} : { endSecond }),
        words: line.slice(found[0].length).trim(),
      });
    } else if (current) {
      current.words = `${current.words} ${line.trim()}`.trim();
    } else {
      preface.push(line);
    }
  }
  return { preface: preface.join('\n'), cues, outOfOrder };
}

function toSeconds(time: string): number {
  return time
    .replace(',', '.')
    .split(':')
    .reduce((seconds, part) => seconds * 60 + Number(part), 0);
}
