import type { Locator } from '../../../shared/locator.ts';
import type { Source } from '../../../shared/messages.ts';
import type { RetrievedPassage } from '../../retrieval/passage.ts';

/** A stretch of a passage's text, UTF-16 code units. */
type Stretch = { start: number; end: number };

const longestQuote = 400;

/**
 * The locator of a quote inside its passage: the exact range in the document's text; page, box and headings are those
 * of the passage. The second of a quote in a transcript is estimated from its place, since speech runs evenly enough.
 */
export function locateQuote(passage: RetrievedPassage, quote: Stretch): Locator {
  const { locator, text } = passage;
  const located: Locator = { ...locator, start: locator.start + quote.start, end: locator.start + quote.end };
  if (locator.start_second === undefined) return located;
  const first = locator.start_second;
  const length = Math.max(0, (locator.end_second ?? first) - first);
  const secondAt = (offset: number) => Math.round(first + (length * offset) / Math.max(1, text.length));
  return { ...located, start_second: secondAt(quote.start), end_second: secondAt(quote.end) };
}

/** A cited passage as clients see it; `quote` is the stretch that supports the answer best, else the passage's start. */
export function presentSource(marker: number, passage: RetrievedPassage, quote: Stretch | undefined): Source {
  const stretch = quote ?? { start: 0, end: passage.text.length };
  const locator = locateQuote(passage, stretch);
  const second = locator.start_second;
  return {
    marker,
    title: passage.title,
    url: passage.url,
    youtube_url: passage.youtubeUrl === null ? null : addSecond(passage.youtubeUrl, second),
    timestamp: second === undefined ? null : formatTimestamp(second),
    page: locator.page ?? null,
    document_id: passage.documentId,
    version: passage.version,
    passage_id: passage.passageId,
    namespace: passage.namespace,
    quote: shorten(passage.text.slice(stretch.start, stretch.end)),
    score: passage.score,
  };
}

/** A video address that starts at a second: `t=<seconds>s` joins the query, replacing one that is there. */
function addSecond(address: string, second: number | undefined): string {
  if (second === undefined) return address;
  const [beforeHash = '', hash] = address.split('#', 2);
  const [path = '', query = ''] = beforeHash.split('?', 2);
  const parameters = query.split('&').filter((pair) => pair !== '' && !pair.startsWith('t='));
  parameters.push(`t=${Math.floor(second)}s`);
  return `${path}?${parameters.join('&')}${hash === undefined ? '' : `#${hash}`}`;
}

/** Seconds as "m:ss", from an hour on as "h:mm:ss". */
export function formatTimestamp(second: number): string {
  const whole = Math.floor(second);
  const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const padded = String(seconds).padStart(2, '0');
  return hours === 0 ? `${minutes}:${padded}` : `${hours}:${String(minutes).padStart(2, '0')}:${padded}`;
}

function shorten(text: string): string {
  return text.length <= longestQuote ? text : `${text.slice(0, longestQuote).trimEnd()}…`;
}
