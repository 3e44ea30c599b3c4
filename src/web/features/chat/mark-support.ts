import type { Citation } from '../../../shared/messages.ts';
import type { Block } from './answer-blocks.ts';
import type { Inline } from './answer-inlines.ts';

type Span = { start: number; end: number };
type Insertion = { offset: number; marker: number };
type Text = Extract<Inline, { kind: 'text' }>;

/** Below this a sentence is shown as hardly supported by its source. */
export const weakSupport = 0.5;

/** How far after its span a citation's own marker may stand, in UTF-16 code units (`. [1][2]`). */
const markerReach = 16;

/**
 * The blocks with weak spans marked on their texts, and a citation put at the end of each span whose marker `[n]` is
 * not in the text. Offsets are UTF-16 code units of `content`.
 */
export function markSupport(options: { blocks: Block[]; content: string; citations: Citation[] }): Block[] {
  const { blocks, content, citations } = options;
  const spans = weakSpans(citations);
  const missing = missingMarkers(content, citations);
  const mark = (inlines: Inline[]) => inlines.flatMap((inline) => markInline({ inline, spans, missing }));
  const marked = blocks.map((block) =>
    block.kind === 'list'
      ? { ...block, items: block.items.map((item) => ({ ...item, inlines: mark(item.inlines) })) }
      : { ...block, inlines: mark(block.inlines) },
  );
  const last = marked.at(-1);
  const end = last?.kind === 'list' ? last.items.at(-1)?.inlines : last?.inlines;
  end?.push(...missing.splice(0).map(citationOf));
  explainOnce(marked, spans);
  return marked;
}

/** Flags the last text of every weak span, where the reason is given to screen readers. */
function explainOnce(blocks: Block[], spans: Span[]): void {
  const texts = blocks.flatMap((block) =>
    (block.kind === 'list' ? block.items.flatMap((item) => item.inlines) : block.inlines).flatMap(textsOf),
  );
  for (const { start, end } of spans) {
    const last = texts.findLast((text) => text.start >= start && text.start + text.text.length <= end);
    if (last !== undefined) last.endsWeakSpan = true;
  }
}

function textsOf(inline: Inline): Text[] {
  if (inline.kind === 'text') return [inline];
  return 'children' in inline ? inline.children.flatMap(textsOf) : [];
}

/** The spans in which no citation reaches the support that would make the sentence a supported one. */
export function weakSpans(citations: Citation[]): Span[] {
  const best = new Map<string, Span & { support: number }>();
  for (const { start, end, support } of citations) {
    const key = `${start}-${end}`;
    best.set(key, { start, end, support: Math.max(support, best.get(key)?.support ?? 0) });
  }
  return [...best.values()].filter(({ support, start, end }) => support < weakSupport && end > start);
}

function missingMarkers(content: string, citations: Citation[]): Insertion[] {
  return citations
    .filter(({ marker, start, end }) => !content.slice(start, end + markerReach).includes(`[${marker}]`))
    .map(({ marker, end }) => ({ offset: end, marker }))
    .sort((a, b) => a.offset - b.offset || a.marker - b.marker);
}

function markInline(options: { inline: Inline; spans: Span[]; missing: Insertion[] }): Inline[] {
  const { inline, spans, missing } = options;
  if (inline.kind === 'strong' || inline.kind === 'emphasis' || inline.kind === 'link') {
    const children = inline.children.flatMap((child) => markInline({ inline: child, spans, missing: [] }));
    return [{ ...inline, children }];
  }
  return inline.kind === 'text' ? splitText({ inline, spans, missing }) : [inline];
}

function splitText(options: { inline: Text; spans: Span[]; missing: Insertion[] }): Inline[] {
  const { inline, spans, missing } = options;
  const from = inline.start;
  const to = from + inline.text.length;
  const due = missing.splice(0, missing.filter(({ offset }) => offset <= to).length);
  const cuts = [...spans.flatMap(({ start, end }) => [start, end]), ...due.map(({ offset }) => offset)]
    .filter((cut) => cut > from && cut < to)
    .sort((a, b) => a - b);
  const bounds = [from, ...new Set(cuts), to];
  const early = due.filter(({ offset }) => offset <= from).map(citationOf);
  const pieces = bounds.slice(1).flatMap((end, index): Inline[] => {
    const start = bounds[index] ?? from;
    const span = spans.find((one) => one.start <= start && one.end >= end);
    const text: Text = { kind: 'text', text: inline.text.slice(start - from, end - from), start };
    const weak = span === undefined ? {} : { isWeak: true as const };
    const here = due.filter(({ offset }) => offset === end).map(citationOf);
    return [{ ...text, ...weak }, ...here];
  });
  return [...early, ...pieces];
}

function citationOf({ offset, marker }: Insertion): Inline {
  return { kind: 'citation', marker, start: offset };
}
