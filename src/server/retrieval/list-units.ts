import type { ParsedDocument, TextBlock } from '../ingestion/parsed-document.ts';
import {
  maximumPassageCharacters,
  minimumPassageCharacters,
  targetPassageCharacters,
} from './passage-limits.ts';
import { splitSentences, type TextRange } from './split-sentences.ts';

/** A stretch of a document that no passage cuts: a sentence, a line of code or of a table, or a whole pair. */
export type Unit = TextRange & {
  /** The blocks that it overlaps, in order; at least one. */
  blocks: TextBlock[];
  isHeading: boolean;
  isPair: boolean;
  /** Whether passages should part before it: another section, page or pair begins. */
  startsPart: boolean;
};

/** Neighbouring blocks that sentences may run across: the lines of a page, the cues of a recording. */
type Run = TextRange & { blocks: TextBlock[] };

function visibleBlocks(document: ParsedDocument): TextBlock[] {
  const visible = document.blocks.filter(({ start, end }) => document.text.slice(start, end).trim() !== '');
  return visible.length > 0 ? visible : [{ start: 0, end: document.text.length, kind: 'prose' }];
}

const samePath = (left: TextBlock, right: TextBlock) =>
  (left.headingPath ?? []).join('\u0000') === (right.headingPath ?? []).join('\u0000');

function joinRuns(blocks: readonly TextBlock[]): Run[] {
  const runs: Run[] = [];
  for (const block of blocks) {
    const run = runs.at(-1);
    const last = run?.blocks.at(-1);
    const flows = block.kind === 'line' || block.kind === 'cue';
    if (
      run &&
      last &&
      flows &&
      last.kind === block.kind &&
      last.page === block.page &&
      samePath(last, block)
    ) {
      run.blocks.push(block);
      run.end = block.end;
    } else {
      runs.push({ start: block.start, end: block.end, blocks: [block] });
    }
  }
  return runs;
}

/** Cuts what is longer than a passage may be into even pieces at white space, or anywhere if there is none. */
function cutOverlong(text: string, range: TextRange): TextRange[] {
  const pieces: TextRange[] = [];
  let { start } = range;
  while (range.end - start > maximumPassageCharacters) {
    const count = Math.ceil((range.end - start) / targetPassageCharacters);
    const wanted = start + Math.ceil((range.end - start) / count);
    const space = Math.max(text.lastIndexOf(' ', wanted), text.lastIndexOf('\n', wanted));
    let end = space > start + minimumPassageCharacters ? space : wanted;
    // Never between the two halves of a character.
    if (/[\uDC00-\uDFFF]/.test(text.charAt(end)) && /[\uD800-\uDBFF]/.test(text.charAt(end - 1))) end -= 1;
    pieces.push({ start, end });
    start = end;
    while (start < range.end && /\s/u.test(text.charAt(start))) start += 1;
  }
  pieces.push({ start, end: range.end });
  return pieces;
}

function splitLines(text: string): TextRange[] {
  return Array.from(text.matchAll(/[^\n]*\S[^\n]*/gu), ({ 0: line, index }) => ({
    start: index,
    end: index + line.length,
  }));
}

function trim(text: string, range: TextRange): TextRange {
  let { start, end } = range;
  while (start < end && /\s/u.test(text.charAt(start))) start += 1;
  while (end > start && /\s/u.test(text.charAt(end - 1))) end -= 1;
  return { start, end };
}

function splitRun(text: string, run: Run): TextRange[] {
  const kind = run.blocks[0]?.kind;
  if (kind === 'pair') return [trim(text, run)];
  const content = text.slice(run.start, run.end);
  const ranges =
    kind === 'heading'
      ? [{ start: 0, end: content.length }]
      : kind === 'code' || kind === 'table'
        ? splitLines(content)
        : splitSentences(content);
  return ranges
    .map(({ start, end }) => trim(text, { start: run.start + start, end: run.start + end }))
    .flatMap((range) => cutOverlong(text, range));
}

/** Whether passages part between two neighbouring blocks. */
function parts(previous: TextBlock | undefined, block: TextBlock): boolean {
  if (previous === undefined) return true;
  if (previous.kind === 'pair' || block.kind === 'pair' || previous.page !== block.page) return true;
  if (previous.kind === 'heading') return false;
  return block.kind === 'heading' || !samePath(previous, block);
}

/** The units of a document in order; together they hold every visible character of its blocks. */
export function listUnits(document: ParsedDocument): Unit[] {
  const units: Unit[] = [];
  let previous: TextBlock | undefined;
  for (const run of joinRuns(visibleBlocks(document))) {
    const [first] = run.blocks;
    if (first === undefined) continue;
    const startsPart = parts(previous, first);
    let block = 0;
    for (const [index, range] of splitRun(document.text, run).entries()) {
      while ((run.blocks[block]?.end ?? Infinity) <= range.start) block += 1;
      let after = block;
      while ((run.blocks[after]?.start ?? Infinity) < range.end) after += 1;
      units.push({
        ...range,
        blocks: run.blocks.slice(block, Math.max(after, block + 1)),
        isHeading: first.kind === 'heading',
        isPair: first.kind === 'pair',
        startsPart: index === 0 && startsPart,
      });
    }
    previous = run.blocks.at(-1);
  }
  return units;
}
