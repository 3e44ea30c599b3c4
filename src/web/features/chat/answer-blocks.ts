import type { Citation } from '../../../shared/messages.ts';
import { parseInlines } from './answer-inlines.ts';
import type { Inline } from './answer-inlines.ts';
import { markSupport } from './mark-support.ts';

type ListItem = { inlines: Inline[]; start: number };

/** A block of an answer; every text in it keeps its offset in the answer. */
export type Block =
  | { kind: 'paragraph' | 'heading' | 'quote'; inlines: Inline[]; start: number }
  | { kind: 'list'; isOrdered: boolean; first: number; items: ListItem[]; start: number };

const listItem = /^(\s*)(?:[-*•]|(\d{1,3})[.)])\s+/u;
const heading = /^#{1,6}\s+/u;
const quoteLine = /^\s*>\s?/u;

/**
 * The blocks of an answer in a small, safe subset of Markdown: paragraphs, headings, quotes, lists, bold, emphasis,
 * code and http(s) links; anything else stays text. Markers `[n]` among `markers` become citations, and each citation
 * without a marker in the text gets one at the end of its span. Spans whose best support is below one half are weak.
 */
export function parseAnswer(options: {
  content: string;
  citations: Citation[];
  markers: ReadonlySet<number>;
}): Block[] {
  const { content, citations, markers } = options;
  const blocks: Block[] = [];
  let open: Block | undefined;
  let offset = 0;
  for (const line of content.split('\n')) {
    const start = offset;
    offset += line.length + 1;
    if (line.trim() === '') {
      if (open?.kind !== 'list') open = undefined;
      continue;
    }
    open = appendLine({ blocks, open, line, start, markers });
  }
  return markSupport({ blocks, content, citations });
}

function appendLine(options: {
  blocks: Block[];
  open: Block | undefined;
  line: string;
  start: number;
  markers: ReadonlySet<number>;
}): Block | undefined {
  const { blocks, open, line, start, markers } = options;
  const inlinesAfter = (prefix: string) =>
    parseInlines({ text: line.slice(prefix.length), start: start + prefix.length, markers });
  const push = (block: Block) => {
    blocks.push(block);
    return block;
  };

  const item = listItem.exec(line);
  if (item !== null) {
    const isOrdered = item[2] !== undefined;
    const inlines = inlinesAfter(item[0]);
    if (open?.kind === 'list' && open.isOrdered === isOrdered) {
      open.items.push({ inlines, start });
      return open;
    }
    return push({ kind: 'list', isOrdered, first: Number(item[2] ?? 1), items: [{ inlines, start }], start });
  }
  const title = heading.exec(line);
  if (title !== null) {
    push({ kind: 'heading', inlines: inlinesAfter(title[0]), start });
    return undefined;
  }
  const quote = quoteLine.exec(line);
  const kind = quote === null ? 'paragraph' : 'quote';
  const inlines = inlinesAfter(quote?.[0] ?? '');
  if (open?.kind === 'list' && /^\s{2,}/u.test(line)) {
    open.items.at(-1)?.inlines.push({ kind: 'break', start }, ...inlines);
    return open;
  }
  if (open?.kind === kind) {
    open.inlines.push({ kind: 'break', start }, ...inlines);
    return open;
  }
  return push({ kind, inlines, start });
}
