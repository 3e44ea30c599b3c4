/** White space, then the beginning of what may still become a marker such as `[1]` or `[1, 2]`. */
const undecidedPattern = /(?<!\s)\s*(?:\[(?:\d{1,3}\s*[,;]\s*)*\d{0,3}\s*)?$/u;
const markerPattern = /(?<!\s)(\s*)\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]/gu;
const openBracketPattern = /\[[\d\s,;]*$/u;
/** A list of markers that is longer is no list of markers. */
const LONGEST_MARKER = 60;
const TAIL = 80;

/**
 * Numbers the markers of a streaming answer by first use, so that the text that was sent is the text that is kept.
 * `[1, 2]` becomes `[1] [2]`; a marker without a passage goes. What may still become a marker is held until that is
 * decided, at most 60 characters and the white space before them. The text without its leading white space comes out
 * the same however it was cut.
 * @returns `push` gives the text that may leave; `end` the rest; `order` the original numbers by first use
 */
export function createMarkerRenumbering(passageCount: number) {
  const order: number[] = [];
  let held = '';
  let tail = '';

  const numberOf = (original: number): number => {
    if (!order.includes(original)) order.push(original);
    return order.indexOf(original) + 1;
  };
  const isOpenBracket = (text: string): boolean => openBracketPattern.test(text.slice(-TAIL));
  const replace = (text: string): string => {
    let result = '';
    let position = 0;
    for (const match of text.matchAll(markerPattern)) {
      const [whole, space = '', list = ''] = match;
      if (whole.length - space.length > LONGEST_MARKER) continue;
      result += text.slice(position, match.index);
      position = match.index + whole.length;
      const known = [...new Set(list.split(/[,;]/u).map(Number))].filter(
        (original) => original >= 1 && original <= passageCount,
      );
      if (known.length > 0) result += space + known.map((original) => `[${numberOf(original)}]`).join(' ');
      // Without its inner marker, "[[9]1]" would be a marker that nobody checked.
      else result += (space.includes('\n') ? space : '') + (isOpenBracket(tail + result) ? ')' : '');
    }
    return result + text.slice(position);
  };
  const release = (text: string): string => {
    const replaced = replace(text);
    const released = tail === '' ? replaced.trimStart() : replaced;
    tail = (tail + released).slice(-TAIL);
    return released;
  };

  return {
    push(text: string): string {
      const all = held + text;
      const open = all.search(undecidedPattern);
      const bracket = all.indexOf('[', open);
      const isTooLong = bracket >= 0 && all.length - bracket > LONGEST_MARKER;
      const from = isTooLong ? all.length : open;
      held = all.slice(from);
      return release(all.slice(0, from));
    },
    end(): string {
      const rest = release(held);
      held = '';
      return rest;
    },
    order: () => [...order],
  };
}
