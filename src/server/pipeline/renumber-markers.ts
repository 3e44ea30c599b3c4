const LONGEST_MARKER = '[999]'.length;

/**
 * Numbers the markers of a streaming answer by first use, so that the text that was sent is the text that is kept.
 * A bracket that may still become a marker is held until it is decided, at most four characters.
 * @returns `push` gives the text that may leave; `end` the rest; `order` the original numbers by first use
 */
export function createMarkerRenumbering(passageCount: number) {
  const order: number[] = [];
  let held = '';
  const replace = (text: string) =>
    text.replaceAll(/(\s*)\[(\d{1,3})\]/g, (_, space: string, digits: string) => {
      const original = Number(digits);
      if (original < 1 || original > passageCount) return '';
      if (!order.includes(original)) order.push(original);
      return `${space}[${order.indexOf(original) + 1}]`;
    });
  return {
    push(text: string): string {
      const all = held + text;
      // White space before a bracket goes with the marker, so it waits with it.
      const open = all.search(/\s*(?:\[\d{0,3})?$/);
      const isUndecided = open >= 0 && all.length - open <= LONGEST_MARKER + 2;
      held = isUndecided ? all.slice(open) : '';
      return replace(isUndecided ? all.slice(0, open) : all);
    },
    end(): string {
      const rest = replace(held);
      held = '';
      return rest;
    },
    order: () => [...order],
  };
}
