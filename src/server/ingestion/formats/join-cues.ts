import type { ParsedDocument } from '../parsed-document.ts';
import { createStructuredText } from '../structured-text.ts';

/** Words with the seconds in which they are spoken; `lines` are free of tags and not blank. */
export type TimedText = { startSecond: number; endSecond: number; lines: string[]; speaker?: string };

/** A pause after a finished sentence that starts a new paragraph, in seconds. */
const paragraphPauseSeconds = 2;
/** Cues closer than this follow each other without a pause, as rolling captions do, in seconds. */
const rollingGapSeconds = 0.1;

/**
 * Joins cues to one running text with a `cue` block each, so that a sentence over several cues reads as one. A new
 * paragraph starts when a sentence is finished and a pause of two seconds or another speaker follows. Rolling
 * captions, where a cue repeats the lines of the one before, keep each line once.
 */
export function joinCues(cues: TimedText[]): Pick<ParsedDocument, 'text' | 'blocks'> {
  const builder = createStructuredText();
  let before: TimedText | undefined;
  let speaker: string | undefined;
  let lastWords = '';
  for (const cue of cues) {
    const words = newLines(cue, before).join(' ');
    const last = builder.lastBlock();
    if (words === '') {
      if (last && cue.lines.length > 0) last.endSecond = Math.max(last.endSecond ?? 0, cue.endSecond);
    } else {
      const isOtherSpeaker = cue.speaker !== undefined && cue.speaker !== speaker;
      const isPause = cue.startSecond - (before?.endSecond ?? cue.startSecond) >= paragraphPauseSeconds;
      const isParagraph = isOtherSpeaker || (isPause && endsSentence(lastWords));
      builder.add({
        kind: 'cue',
        text: isOtherSpeaker ? `${cue.speaker}: ${words}` : words,
        separator: isParagraph ? '\n\n' : ' ',
        place: { startSecond: cue.startSecond, endSecond: cue.endSecond },
      });
      lastWords = words;
      speaker = cue.speaker ?? speaker;
    }
    if (cue.lines.length > 0) before = cue;
  }
  return builder.finish();
}

/** Whether a text ends with a full stop, a question or exclamation mark, or an ellipsis, quotes and brackets aside. */
export function endsSentence(text: string): boolean {
  return /[.!?…。！？][)\]"'”’»]*$/.test(text.trimEnd());
}

/** The lines of a cue that the cue before has not shown already. */
function newLines(cue: TimedText, before: TimedText | undefined): string[] {
  if (!before || cue.startSecond - before.endSecond > rollingGapSeconds) return cue.lines;
  for (let shared = Math.min(before.lines.length, cue.lines.length); shared > 0; shared -= 1) {
    const tail = before.lines.slice(-shared);
    if (tail.every((line, index) => line === cue.lines[index])) return cue.lines.slice(shared);
  }
  return withoutGrownPrefix(cue.lines, before.lines.at(-1) ?? '');
}

/** Live captions repeat a line with more words at its end; only the new words count. */
function withoutGrownPrefix(lines: string[], shown: string): string[] {
  const [first = '', ...rest] = lines;
  // Shorter repeats are more likely to be speech ("No. No, thank you.") than captions that grow.
  const isGrowing = shown.split(' ').length >= 3 && first.startsWith(`${shown} `);
  return isGrowing ? [first.slice(shown.length + 1), ...rest] : lines;
}
