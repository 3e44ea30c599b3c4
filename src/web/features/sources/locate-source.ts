import type { Citation, Source } from '../../../shared/messages.ts';
import type { Passage } from '../../../shared/documents.ts';

/** A passage as it is shown in context: its text without what the passage before it already showed. */
export type ContextPiece = { id: number; text: string; isCited: boolean };

/**
 * The cited passage with `reach` neighbours on each side. Passages overlap; where the locators say by how much, the
 * repeated beginning is cut off the neighbour, never off the cited passage. An empty list when the passage is gone.
 */
export function passageInContext(options: {
  passages: Passage[];
  source: Pick<Source, 'passage_id' | 'quote'>;
  reach: number;
}): ContextPiece[] {
  const { source, reach } = options;
  const passages = options.passages.toSorted((a, b) => a.position - b.position);
  const byId = passages.findIndex(({ id }) => id === source.passage_id);
  const cited = byId === -1 ? passages.findIndex(({ text }) => findQuote(text, source.quote) !== null) : byId;
  if (cited === -1) return [];
  const from = Math.max(0, cited - reach);
  return passages.slice(from, cited + reach + 1).map((passage, index) => {
    const position = from + index;
    const { id, text } = passage;
    if (position === cited) return { id, text, isCited: true };
    const repeated =
      position > cited ? overlap(passages[position - 1], passage) : overlap(passage, passages[position + 1]);
    const ownText = position > cited ? text.slice(repeated) : text.slice(0, text.length - repeated);
    return { id, text: ownText, isCited: false };
  });
}

/** How many characters at the end of `first` stand again at the start of `second`; 0 when that is not so. */
function overlap(first: Passage | undefined, second: Passage | undefined): number {
  if (first === undefined || second === undefined) return 0;
  const length = first.locator.end - second.locator.start;
  if (length <= 0 || length >= second.text.length || length >= first.text.length) return 0;
  return first.text.endsWith(second.text.slice(0, length)) ? length : 0;
}

/** Where `quote` stands in `text` (UTF-16 code units), differences of white space and quotation marks aside; null when it does not. */
export function findQuote(text: string, quote: string): { start: number; end: number } | null {
  const words = quote.trim().split(/\s+/u).filter(Boolean);
  if (words.length === 0) return null;
  const exact = text.indexOf(quote.trim());
  if (exact !== -1) return { start: exact, end: exact + quote.trim().length };
  const pattern = words
    .map((word) => word.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`))
    .map((word) => word.replaceAll(/["“”„]/gu, '["“”„]').replaceAll(/['‘’]/gu, "['‘’]"))
    .join(String.raw`\s+`);
  const match = new RegExp(pattern, 'u').exec(text);
  return match === null ? null : { start: match.index, end: match.index + match[0].length };
}

/**
 * What a marker stands for: of its citations the one whose span ends last before `offset` (UTF-16 code units of the
 * answer, where the marker stands); without an offset, or before any span, the best supported one.
 */
export function citationAt(citations: Citation[], marker: number, offset?: number): Citation | undefined {
  const own = citations.filter((citation) => citation.marker === marker);
  const before = own.filter(({ start }) => offset !== undefined && start <= offset);
  return before.toSorted((a, b) => b.start - a.start)[0] ?? own.toSorted((a, b) => b.support - a.support)[0];
}

/** A source narrowed to one of its citations: the cited words, their page, and their moment in the recording. */
export function sourceOfCitation(source: Source, citation: Citation | undefined): Source {
  if (citation === undefined) return source;
  const { page, start_second: second } = citation.locator;
  return {
    ...source,
    passage_id: citation.passage_id,
    quote: citation.quote || source.quote,
    page: page ?? source.page,
    timestamp: second === undefined ? source.timestamp : formatTime(second),
    youtube_url: second === undefined ? source.youtube_url : addressAt(source.youtube_url, second),
  };
}

/** Seconds as `m:ss`, or `h:mm:ss` from an hour on. */
export function formatTime(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), Math.floor(seconds % 60)];
  const [first, ...rest] = seconds < 3600 ? parts.slice(1) : parts;
  return [first, ...rest.map((part) => String(part).padStart(2, '0'))].join(':');
}

function addressAt(address: string | null, second: number): string | null {
  const url = address === null ? null : URL.parse(address);
  if (url === null) return address;
  url.searchParams.set('t', `${Math.floor(second)}s`);
  return url.href;
}
