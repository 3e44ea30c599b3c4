import { joinCues, type TimedText } from './join-cues.ts';
import { DocumentProblem, type ParsedDocument } from '../parsed-document.ts';

const timing =
  /^\s*((?:\d+:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?)\s*-{2,3}>\s*((?:\d+:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?)(?:\s.*)?$/;

/** The entities that WebVTT knows (W3C WebVTT, 4.2.2, cue text). */
const entities: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  nbsp: ' ',
  lrm: '',
  rlm: '',
  quot: '"',
};

/** Whether a text begins like SRT or header-less VTT: a cue time within its first three lines that are not blank. */
export function hasSubtitleTiming(text: string): boolean {
  const lines = text.split('\n', 50).filter((line) => line.trim() !== '');
  return lines.slice(0, 3).some((line) => timing.test(line));
}

/**
 * Reads SRT or WebVTT (W3C WebVTT; SRT as players accept it): identifiers and settings are skipped, NOTE, STYLE and
 * REGION blocks left out, tags removed, `<v Name>` kept as "Name: ". Hours are optional, fractions follow a comma or a point.
 * One `cue` block a cue, with seconds; `joinCues` tells how they are joined.
 * @param input.text text as `decodeText` returns it.
 * @throws DocumentProblem `document_unreadable` when no cue holds text.
 */
export function parseSubtitles(input: { text: string; format: 'srt' | 'vtt' }): ParsedDocument {
  const { cues, problems } = readCues(input.text.split('\n'), input.format);
  const joined = joinCues(cues);
  if (joined.blocks.length === 0) {
    throw new DocumentProblem(
      'document_unreadable',
      `The ${input.format.toUpperCase()} file has no cue with text${problems[0] ? ` (${problems[0]})` : ''}. ` +
        'Each cue needs a line such as "00:00:01,000 --> 00:00:04,000" and its words below.',
    );
  }
  return { format: input.format, ...joined, warnings: summarise(problems) };
}

function readCues(lines: string[], format: 'srt' | 'vtt'): { cues: TimedText[]; problems: string[] } {
  const cues: TimedText[] = [];
  const problems: string[] = [];
  let index = 0;
  while (index < lines.length) {
    const line = lines[index] ?? '';
    const times = timing.exec(line);
    if (!times) {
      if (line.includes('-->'))
        problems.push(`line ${index + 1} is not a cue time: "${line.trim().slice(0, 60)}"`);
      index = startsSkippedBlock(lines, index, format) ? endOfBlock(lines, index) : index + 1;
      continue;
    }
    const end = endOfCue(lines, index + 1);
    const startSecond = toSeconds(times[1] ?? '');
    const endSecond = toSeconds(times[2] ?? '');
    if (endSecond < startSecond) problems.push(`line ${index + 1}: the cue ends before it starts`);
    cues.push({
      startSecond,
      endSecond: Math.max(startSecond, endSecond),
      ...readPayload(lines.slice(index + 1, end)),
    });
    index = end;
  }
  return { cues, problems };
}

function startsSkippedBlock(lines: string[], index: number, format: 'srt' | 'vtt'): boolean {
  if (format !== 'vtt') return false;
  const isBlockStart = index === 0 || (lines[index - 1] ?? '').trim() === '';
  return isBlockStart && /^(?:NOTE|STYLE|REGION|WEBVTT)(?:\s|$)/.test(lines[index] ?? '');
}

function endOfBlock(lines: string[], from: number): number {
  let index = from;
  while (index < lines.length && (lines[index] ?? '').trim() !== '') {
    // A cue right below a header without the blank line between them must not be lost.
    if (index > from && timing.test(lines[index] ?? '')) return index;
    index += 1;
  }
  return index;
}

/** A cue ends at a blank line, or where the next one starts when the blank line was forgotten. */
function endOfCue(lines: string[], from: number): number {
  for (let index = from; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line.trim() === '') return index;
    if (timing.test(line)) return index;
    if (index > from && /^\s*\d+\s*$/.test(line) && timing.test(lines[index + 1] ?? '')) return index;
  }
  return lines.length;
}

function readPayload(lines: string[]): { lines: string[]; speaker?: string } {
  const speaker = /<v(?:\.[^\s>]*)?[ \t]+([^>]+)>/i.exec(lines.join(' '))?.[1]?.trim();
  const clean = lines.map(plainText).filter((line) => line !== '');
  return speaker ? { lines: clean, speaker: decodeEntities(speaker) } : { lines: clean };
}

function plainText(line: string): string {
  const withoutTags = line
    .replace(/<rt>.*?<\/rt>/gi, '')
    .replace(/<\/?[a-z][^<>]*>|<\/>|<\d[\d:.]*>/gi, '')
    .replace(/\{\\[^{}]*\}/g, '');
  return decodeEntities(withoutTags).replace(/\s+/g, ' ').trim();
}

function decodeEntities(text: string): string {
  return text.replace(/&(amp|lt|gt|nbsp|lrm|rlm|quot);/g, (whole, name: string) => entities[name] ?? whole);
}

function toSeconds(stamp: string): number {
  const [clock = '', fraction = ''] = stamp.split(/[.,]/);
  const whole = clock.split(':').reduce((seconds, part) => seconds * 60 + Number(part), 0);
  return whole + Number(fraction.padEnd(3, '0')) / 1000;
}

function summarise(problems: string[]): string[] {
  if (problems.length <= 10) return problems;
  return [...problems.slice(0, 10), `and ${problems.length - 10} more cue problems`];
}
