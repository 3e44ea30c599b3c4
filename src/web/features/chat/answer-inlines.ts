/** A piece of a line. `start` is its offset in the answer; `support` marks text that its source hardly supports. */
export type Inline =
  | { kind: 'text'; text: string; start: number; isWeak?: true; endsWeakSpan?: true }
  | { kind: 'code'; text: string; start: number }
  | { kind: 'citation'; marker: number; start: number }
  | { kind: 'strong' | 'emphasis'; children: Inline[]; start: number }
  | { kind: 'link'; href: string; children: Inline[]; start: number }
  | { kind: 'break'; start: number };

type Match = { inline: Inline; length: number };
type Place = { text: string; at: number; start: number; markers: ReadonlySet<number> };

const marker = /\[(\d{1,3})\]/uy;
const address = /https?:\/\/[^\s<>()[\]"']+/uy;
const namedLink = /\[([^[\]\n]{1,300})\]\((https?:\/\/[^\s()<>"']{1,2000})\)/uy;

/**
 * The pieces of one line. Links are kept only when they lead to http or https; a marker that is not in `markers` and
 * every unclosed mark stay text.
 */
export function parseInlines(options: {
  text: string;
  start: number;
  markers: ReadonlySet<number>;
}): Inline[] {
  const { text, start, markers } = options;
  const inlines: Inline[] = [];
  let plainFrom = 0;
  let at = 0;
  const flush = () => {
    if (at > plainFrom)
      inlines.push({ kind: 'text', text: text.slice(plainFrom, at), start: start + plainFrom });
  };
  while (at < text.length) {
    const match = matchAt({ text, at, start, markers });
    if (match === undefined) {
      at += 1;
      continue;
    }
    flush();
    inlines.push(match.inline);
    at += match.length;
    plainFrom = at;
  }
  flush();
  return inlines;
}

function matchAt(place: Place): Match | undefined {
  switch (place.text[place.at]) {
    case '*':
    case '_':
      return matchEmphasis(place);
    case '`':
      return matchCode(place);
    case '[':
      return matchMarker(place) ?? matchNamedLink(place);
    case 'h':
      return matchAddress(place);
    default:
      return undefined;
  }
}

function matchEmphasis({ text, at, start, markers }: Place): Match | undefined {
  const sign = text[at] ?? '';
  const mark = text[at + 1] === sign ? sign + sign : sign;
  if (mark === '__' || (sign === '_' && /\w/u.test(text[at - 1] ?? ''))) return undefined;
  const close = text.indexOf(mark, at + mark.length + 1);
  const inner = text.slice(at + mark.length, close);
  if (close === -1 || inner.trim() !== inner || inner === '') return undefined;
  if (sign === '_' && /\w/u.test(text[close + 1] ?? '')) return undefined;
  const children = parseInlines({ text: inner, start: start + at + mark.length, markers });
  const kind = mark.length === 2 ? 'strong' : 'emphasis';
  return { inline: { kind, children, start: start + at }, length: inner.length + 2 * mark.length };
}

function matchCode({ text, at, start }: Place): Match | undefined {
  const close = text.indexOf('`', at + 1);
  if (close <= at + 1) return undefined;
  return {
    inline: { kind: 'code', text: text.slice(at + 1, close), start: start + at + 1 },
    length: close + 1 - at,
  };
}

function matchMarker({ text, at, start, markers }: Place): Match | undefined {
  marker.lastIndex = at;
  const match = marker.exec(text);
  const number = Number(match?.[1]);
  if (match === null || !markers.has(number)) return undefined;
  return { inline: { kind: 'citation', marker: number, start: start + at }, length: match[0].length };
}

function matchNamedLink({ text, at, start }: Place): Match | undefined {
  namedLink.lastIndex = at;
  const match = namedLink.exec(text);
  if (match === null) return undefined;
  const [whole, label = '', href = ''] = match;
  const children: Inline[] = [{ kind: 'text', text: label, start: start + at + 1 }];
  return { inline: { kind: 'link', href, children, start: start + at }, length: whole.length };
}

function matchAddress({ text, at, start }: Place): Match | undefined {
  if (/\w/u.test(text[at - 1] ?? '')) return undefined;
  address.lastIndex = at;
  const href = address.exec(text)?.[0].replace(/[.,;:!?]+$/u, '');
  if (href === undefined || !/^https?:\/\/./u.test(href)) return undefined;
  const children: Inline[] = [{ kind: 'text', text: href, start: start + at }];
  return { inline: { kind: 'link', href, children, start: start + at }, length: href.length };
}
