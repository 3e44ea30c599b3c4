import type { Locator } from '../../shared/locator.ts';
import type { ParsedDocument, TextBlock } from '../ingestion/parsed-document.ts';
import { listUnits, type Unit } from './list-units.ts';
import { packUnits } from './pack-units.ts';
import { maximumPassageCharacters, minimumPassageCharacters } from './passage-limits.ts';
import type { PassageDraft } from './passage.ts';
import type { TextRange } from './split-sentences.ts';

/** Raised whenever the same document would give other passages. */
export const SPLITTER_VERSION = 1;

/**
 * Cuts a document into passages of about 1,500 characters with about 200 repeated, 100 to 2,000 long, at sentence ends.
 * Headings, pages and pairs begin passages; a section or page under 100 characters joins its neighbour; a pair stays
 * whole and alone whatever its length; only a document under 100 characters gives a shorter passage otherwise.
 * `document.text.slice(locator.start, locator.end)` is exactly the text of the passage.
 */
export function splitPassages(document: ParsedDocument): PassageDraft[] {
  const { text } = document;
  if (text.trim() === '') return [];
  const drafts: PassageDraft[] = [];
  for (const units of packUnits(listUnits(document))) {
    const range = widen(document, units);
    drafts.push({ text: text.slice(range.start, range.end), locator: locate(units, range) });
  }
  return drafts;
}

/** Lengthens a passage that stayed under the minimum by the words before it, or after it at the very beginning. */
function widen(document: ParsedDocument, units: readonly Unit[]): TextRange {
  const { text } = document;
  let start = units[0]?.start ?? 0;
  let end = units.at(-1)?.end ?? 0;
  if (end - start >= minimumPassageCharacters || units[0]?.isPair === true) return { start, end };
  const wanted = minimumPassageCharacters * 2;
  const earliest = Math.max(0, end - wanted);
  const word = wordStart(text, { from: earliest, until: start });
  // A neighbour without white space has no better place to be cut.
  start = end - word < minimumPassageCharacters && start > 0 ? earliest : word;
  if (isInsideCharacter(text, start)) start -= 1;
  if (end - start < minimumPassageCharacters) end = Math.min(text.trimEnd().length, start + wanted);
  if (isInsideCharacter(text, end)) end += 1;
  return { start, end: Math.min(end, start + maximumPassageCharacters) };
}

/** Whether a place is between the two halves of a surrogate pair. */
function isInsideCharacter(text: string, at: number): boolean {
  return /[\uDC00-\uDFFF]/.test(text.charAt(at)) && /[\uD800-\uDBFF]/.test(text.charAt(at - 1));
}

function wordStart(text: string, { from, until }: { from: number; until: number }): number {
  let at = from;
  if (at > 0) while (at < until && !/\s/u.test(text.charAt(at - 1))) at += 1;
  while (at < until && /\s/u.test(text.charAt(at))) at += 1;
  return at;
}

function locate(units: readonly Unit[], range: TextRange): Locator {
  const blocks = units.flatMap((unit) => unit.blocks);
  const page = mainPage(units);
  const box = page === undefined ? undefined : uniteBoxes(blocks.filter((block) => block.page === page));
  const starts = blocks.flatMap(({ startSecond }) => startSecond ?? []);
  const ends = blocks.flatMap(({ endSecond }) => endSecond ?? []);
  const path = (units.find(({ isHeading }) => !isHeading) ?? units.at(-1))?.blocks[0]?.headingPath;
  return {
    start: range.start,
    end: range.end,
    ...(page === undefined ? {} : { page }),
    ...(box === undefined ? {} : { box }),
    ...(starts.length === 0 ? {} : { start_second: Math.min(...starts) }),
    ...(ends.length === 0 ? {} : { end_second: Math.max(...ends) }),
    ...(path === undefined || path.length === 0 ? {} : { heading_path: path }),
  };
}

/** The page that holds most of a passage; where two had to be joined, a reader is shown the greater part. */
function mainPage(units: readonly Unit[]): number | undefined {
  const characters = new Map<number, number>();
  for (const { start, end, blocks } of units) {
    const page = blocks[0]?.page;
    if (page !== undefined) characters.set(page, (characters.get(page) ?? 0) + end - start);
  }
  return [...characters].sort((left, right) => right[1] - left[1] || left[0] - right[0])[0]?.[0];
}

function uniteBoxes(blocks: readonly TextBlock[]): TextBlock['box'] {
  const boxes = blocks.flatMap(({ box }) => (box === undefined ? [] : [box]));
  if (boxes.length === 0) return undefined;
  const edge = (side: 0 | 1 | 2 | 3) => boxes.map((box) => box[side]);
  return [Math.min(...edge(0)), Math.min(...edge(1)), Math.max(...edge(2)), Math.max(...edge(3))];
}
