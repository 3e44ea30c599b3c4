import type { Citation, Source } from '../../shared/messages.ts';
import type { RetrievedPassage } from '../retrieval/passage.ts';
import { splitSentences } from '../retrieval/split-sentences.ts';
import { countNegations } from './evidence/opposites.ts';
import { readText, type ReadText, scoreSupport, sufficientSupport } from './evidence/score-support.ts';
import { locateQuote, presentSource } from './evidence/present-source.ts';

export type AlignedAnswer = {
  /** The final text: unknown markers gone, the others numbered by first use. */
  content: string;
  citations: Citation[];
  /** Only what the final text cites, in the order of the markers. */
  sources: Source[];
};

type Quote = { passage: RetrievedPassage; start: number; end: number; support: number };
type Statement = { start: number; end: number; markers: number[] };

const markerPattern = /\s*\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]/gu;

/**
 * Links every sentence of an answer with the passage that supports it. `passages[n - 1]` is what the marker `[n]` of
 * the text means. A marked sentence is aligned with each passage that it cites, an unmarked one with the passage that
 * supports it best, when one does (such a link gives no new source). `support` is that of `scoreSupport`, 1 for a
 * verbatim quote. Offsets are UTF-16 code units of the final content and span the sentence without its markers.
 */
export function alignCitations(text: string, passages: readonly RetrievedPassage[]): AlignedAnswer {
  const { content, order } = renumber(text, passages.length);
  const cited = order.map((marker) => passages[marker - 1]).filter((passage) => passage !== undefined);
  return alignNumbered(content, cited);
}

/**
 * The same for a text whose markers are numbered already: `[n]` means `cited[n - 1]`, and each of them is cited. The
 * text stays as it is, so that what was streamed is what is kept.
 */
export function alignNumbered(content: string, cited: readonly RetrievedPassage[]): AlignedAnswer {
  const readers = new Map<RetrievedPassage, PassageReader>();
  const readerOf = (passage: RetrievedPassage) => {
    const known = readers.get(passage) ?? readPassage(passage);
    readers.set(passage, known);
    return known;
  };
  const citations: Citation[] = [];
  const bestQuotes = new Map<number, Quote>();
  for (const statement of listStatements(content)) {
    const spoken = content.slice(statement.start, statement.end);
    const read = readText(spoken);
    const quotes = cited.map((passage, index) => ({ marker: index + 1, passage }));
    const wanted =
      statement.markers.length > 0
        ? quotes.filter(({ marker }) => statement.markers.includes(marker))
        : quotes;
    const found = wanted.map(({ marker, passage }) => ({
      marker,
      quote: findQuote(read, readerOf(passage)),
    }));
    const best = found.reduce((top, entry) => Math.max(top, entry.quote.support), 0);
    for (const { marker, quote } of found) {
      if (statement.markers.length === 0 && (quote.support < sufficientSupport || quote.support < best))
        continue;
      citations.push(presentCitation(statement, marker, quote));
      if (quote.support > (bestQuotes.get(marker)?.support ?? -1)) bestQuotes.set(marker, quote);
    }
  }
  const sources = cited.map((passage, index) => presentSource(index + 1, passage, bestQuotes.get(index + 1)));
  return { content, citations, sources };
}

function presentCitation(statement: Statement, marker: number, quote: Quote): Citation {
  const { passage } = quote;
  return {
    marker,
    start: statement.start,
    end: statement.end,
    document_id: passage.documentId,
    passage_id: passage.passageId,
    locator: locateQuote(passage, quote),
    quote: passage.text.slice(quote.start, quote.end),
    support: Math.round(quote.support * 1000) / 1000,
  };
}

/** Removes markers without a passage and numbers the others by first use; `[1, 2]` becomes `[1] [2]`. */
function renumber(text: string, passageCount: number): { content: string; order: number[] } {
  const order: number[] = [];
  const content = text.replaceAll(markerPattern, (whole: string, list: string) => {
    const space = /^\s*/u.exec(whole)?.[0] ?? '';
    const numbers = [...new Set(list.split(/[,;]/u).map(Number))].filter(
      (marker) => marker >= 1 && marker <= passageCount,
    );
    for (const marker of numbers) if (!order.includes(marker)) order.push(marker);
    return numbers.length === 0
      ? ''
      : space + numbers.map((marker) => `[${order.indexOf(marker) + 1}]`).join(' ');
  });
  return { content, order };
}

/** The sentences of a text with their markers, which may stand inside, at the end, or after the full stop. */
function listStatements(content: string): Statement[] {
  const statements: Statement[] = [];
  for (const range of splitSentences(content)) {
    let { start } = range;
    const leading = /^(?:\[\d{1,3}\][\s.,;]*)+/u.exec(content.slice(start, range.end))?.[0] ?? '';
    const previous = statements.at(-1);
    if (previous !== undefined) previous.markers.push(...markersIn(leading));
    start += leading.length;
    const body = content.slice(start, range.end);
    const markers = markersIn(body);
    if (previous === undefined) markers.push(...markersIn(leading));
    const trailing = /(?:\s*\[\d{1,3}\])+$/u.exec(body)?.[0].length ?? 0;
    const end = range.end - trailing;
    if (/[\p{L}\p{N}]/u.test(content.slice(start, end))) statements.push({ start, end, markers });
    else if (previous !== undefined) previous.markers.push(...markers);
  }
  return statements;
}

function markersIn(text: string): number[] {
  return [...text.matchAll(/\[(\d{1,3})\]/gu)].map((match) => Number(match[1]));
}

type Stretch = ReadText & { start: number; end: number; context: ReadonlySet<string> };
type PassageReader = {
  passage: RetrievedPassage;
  /** The text with single spaces, and where each of its characters stands in the passage. */
  flat: string;
  places: number[];
  sentences: Stretch[];
  /** Neighbouring sentences taken together. */
  pairs: Stretch[];
};

/** Only a verbatim quote has full support. */
const mostAligned = 0.99;
/** A statement that one sentence holds this far is judged by single sentences, which mix up no names. */
const heldByOne = 0.55;

function readPassage(passage: RetrievedPassage): PassageReader {
  const ranges = splitSentences(passage.text);
  const context = new Set(readText(passage.title).tokens.map((token) => token.term));
  const sentences: Stretch[] = [];
  for (const { start, end } of ranges) {
    const read = readText(passage.text.slice(start, end));
    sentences.push({ ...read, start, end, context: new Set(context) });
    for (const token of read.tokens) context.add(token.term);
  }
  const pairs = sentences.slice(1).map((second, index) => {
    const first = sentences[index] ?? second;
    const read = readText(passage.text.slice(first.start, second.end));
    return { ...read, start: first.start, end: second.end, context: first.context };
  });
  return { passage, ...flatten(passage.text), sentences, pairs };
}

function flatten(text: string): { flat: string; places: number[] } {
  let flat = '';
  const places: number[] = [];
  for (let index = 0; index < text.length; index++) {
    const isSpace = /\s/u.test(text.charAt(index));
    if (isSpace && (flat === '' || flat.endsWith(' '))) continue;
    flat += isSpace ? ' ' : text.charAt(index);
    places.push(index);
  }
  return { flat, places };
}

function findQuote(statement: ReadText, reader: PassageReader): Quote {
  const { passage } = reader;
  const verbatim = findVerbatim(statement.text, reader);
  if (verbatim !== undefined) return { passage, ...verbatim, support: 1 };
  let best: Quote = { passage, start: 0, end: Math.min(passage.text.length, 200), support: 0 };
  let mostHeld = 0;
  const consider = ({ start, end, context, ...stretch }: Stretch) => {
    const { support, held } = scoreSupport(statement, stretch, context);
    mostHeld = Math.max(mostHeld, held);
    if (support > best.support) best = { passage, start, end, support: Math.min(support, mostAligned) };
  };
  for (const sentence of reader.sentences) consider(sentence);
  if (mostHeld < heldByOne) for (const pair of reader.pairs) consider(pair);
  return best;
}

/** Where a statement stands word for word, whatever quotes, markers and ellipses are around it. */
function findVerbatim(text: string, reader: PassageReader): { start: number; end: number } | undefined {
  const plain = text
    .replaceAll(markerPattern, '')
    .replaceAll(/\s+/gu, ' ')
    .replace(/^[\s"“”'‘’«»>…*_-]+/u, '')
    .replace(/[\s"“”'‘’«»…*_]+$/u, '');
  if (plain.length < 8) return undefined;
  const at = reader.flat.indexOf(plain);
  const start = reader.places[at];
  const end = reader.places[at + plain.length - 1];
  if (at < 0 || start === undefined || end === undefined) return undefined;
  // Words cut out from under a "not" are no quote: "you are bad at it" of "it does not mean that you are bad at it".
  const sentence = reader.sentences.findLast((candidate) => candidate.start <= start);
  const isCut = countNegations(reader.passage.text.slice(sentence?.start ?? start, start)) > 0;
  return isCut ? undefined : { start, end: end + 1 };
}
