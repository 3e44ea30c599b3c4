import { normaliseText } from './normalise-text.ts';
import type { TextBlock } from './parsed-document.ts';

type BlockPlace = Omit<TextBlock, 'start' | 'end' | 'headingPath' | 'kind'>;

export type BlockInput = {
  kind: TextBlock['kind'];
  text: string;
  /** What stands between the block before and this one; a blank line when absent. Ignored at the start. */
  separator?: string;
  place?: BlockPlace;
};

export type StructuredText = {
  /** Adds a block under the headings so far; text that is only white space is left out (and false comes back). */
  add: (block: BlockInput) => boolean;
  /** Adds a heading and makes it the place of what follows; a smaller level stands higher. */
  addHeading: (level: number, text: string, place?: BlockPlace) => boolean;
  /** The last block that was added, to lengthen its time or box. */
  lastBlock: () => TextBlock | undefined;
  /** The text of the first heading, if any. */
  firstHeading: () => string | undefined;
  finish: () => { text: string; blocks: TextBlock[] };
};

/**
 * Collects the text of a document piece by piece. Blocks come out in order, without overlap, each with a non-empty
 * range, starting and ending on a visible character, and with the path of the headings above (a heading's path ends
 * with itself).
 */
export function createStructuredText(): StructuredText {
  const pieces: string[] = [];
  const blocks: TextBlock[] = [];
  let length = 0;
  let headings: { level: number; text: string }[] = [];
  let headingPath: string[] = [];
  let first: string | undefined;

  const add = ({ kind, text, separator = '\n\n', place = {} }: BlockInput): boolean => {
    const clean = normaliseText(text).trim();
    if (clean === '') return false;
    if (blocks.length > 0) {
      pieces.push(separator);
      length += separator.length;
    }
    pieces.push(clean);
    blocks.push({
      start: length,
      end: length + clean.length,
      kind,
      ...(headingPath.length > 0 ? { headingPath } : {}),
      ...place,
    });
    length += clean.length;
    return true;
  };

  return {
    add,
    addHeading: (level, text, place) => {
      const clean = normaliseText(text).replace(/\s+/g, ' ').trim();
      if (clean === '') return false;
      headings = [...headings.filter((heading) => heading.level < level), { level, text: clean }];
      headingPath = headings.map((heading) => heading.text);
      first ??= clean;
      return add({ kind: 'heading', text: clean, ...(place ? { place } : {}) });
    },
    lastBlock: () => blocks.at(-1),
    firstHeading: () => first,
    finish: () => ({ text: pieces.join(''), blocks }),
  };
}
