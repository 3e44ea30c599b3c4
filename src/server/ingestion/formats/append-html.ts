import type { DefaultTreeAdapterTypes } from 'parse5';

import { collapseWhitespace, normaliseText } from '../normalise-text.ts';
import type { StructuredText } from '../structured-text.ts';

export type HtmlNode = DefaultTreeAdapterTypes.ChildNode;
export type HtmlElement = DefaultTreeAdapterTypes.Element;

const dropped = new Set(
  (
    'script style noscript template nav footer aside form head svg math iframe object embed canvas audio video map ' +
    'button select option datalist textarea input dialog menu link meta title rp rt'
  ).split(' '),
);
const blockLevel = new Set(
  (
    'address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 ' +
    'h5 h6 header hgroup hr html legend li main nav ol p pre search section summary table tbody td tfoot th thead tr ul'
  ).split(' '),
);

/**
 * Adds the readable content below some HTML nodes: headings, paragraphs, list items ("- ", "1. "), table rows
 * ("cell | cell") and preformatted text. Navigation, footers, asides, forms, scripts and hidden elements stay out.
 */
export function appendHtml(builder: StructuredText, nodes: HtmlNode[]): void {
  let run: HtmlNode[] = [];
  const flush = (): void => {
    const text = inlineText(run);
    run = [];
    builder.add({ kind: 'prose', text });
  };
  for (const node of nodes) {
    if (!isElement(node)) {
      if (node.nodeName === '#text') run.push(node);
    } else if (!isDropped(node)) {
      if (containsBlock(node)) {
        flush();
        appendBlock(builder, node);
      } else {
        run.push(node);
      }
    }
  }
  flush();
}

/** Whether an element is left out: not content, hidden, or a form that is not the wrapper of a whole page. */
export function isDropped(element: HtmlElement): boolean {
  if (
    element.tagName === 'form' &&
    findElement(element, (inner) => /^(?:h1|h2|main|article)$/.test(inner.tagName))
  )
    return false;
  if (dropped.has(element.tagName)) return true;
  const value = (name: string): string | undefined =>
    element.attrs.find((attribute) => attribute.name === name)?.value;
  if (value('hidden') !== undefined || value('aria-hidden') === 'true') return true;
  if (/^(?:navigation|banner|contentinfo|search|complementary)$/.test(value('role') ?? '')) return true;
  return /(?:display\s*:\s*none|visibility\s*:\s*hidden)/i.test(value('style') ?? '');
}

/** The first element at or below `root` that passes a test, in document order. */
export function findElement(
  root: DefaultTreeAdapterTypes.ParentNode,
  accepts: (element: HtmlElement) => boolean,
): HtmlElement | undefined {
  const waiting: HtmlNode[] = root.childNodes.toReversed();
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (!isElement(node)) continue;
    if (accepts(node)) return node;
    for (let index = node.childNodes.length - 1; index >= 0; index -= 1)
      waiting.push(node.childNodes[index] as HtmlNode);
  }
  return undefined;
}

/** The text of inline nodes on one line, `br` as a line break, images as their alternative text. */
export function inlineText(nodes: HtmlNode[]): string {
  return rawText(nodes).split('\u2028').map(collapseWhitespace).join('\n').trim();
}

function rawText(nodes: HtmlNode[]): string {
  let text = '';
  for (const node of nodes) {
    if (node.nodeName === '#text') {
      text += (node as DefaultTreeAdapterTypes.TextNode).value.replaceAll('\u2028', ' ');
    } else if (isElement(node) && !isDropped(node)) {
      // U+2028 marks a break until white space has been collapsed.
      if (node.tagName === 'br') text += '\u2028';
      else if (node.tagName === 'img')
        text += ` ${node.attrs.find(({ name }) => name === 'alt')?.value ?? ''} `;
      else text += blockLevel.has(node.tagName) ? ` ${rawText(node.childNodes)} ` : rawText(node.childNodes);
    }
  }
  return text;
}

function appendBlock(builder: StructuredText, element: HtmlElement): void {
  const level = /^h([1-6])$/.exec(element.tagName)?.[1];
  if (level) builder.addHeading(Number(level), inlineText(element.childNodes));
  else if (element.tagName === 'ul' || element.tagName === 'ol') appendList(builder, element, '');
  else if (element.tagName === 'table') appendTable(builder, element);
  else if (element.tagName === 'pre')
    builder.add({ kind: 'code', text: preformattedText(element.childNodes) });
  else appendHtml(builder, element.childNodes);
}

function appendList(builder: StructuredText, list: HtmlElement, indent: string): void {
  let number = Number(list.attrs.find(({ name }) => name === 'start')?.value ?? 1) || 1;
  let isFirst = indent === '';
  for (const item of list.childNodes) {
    if (!isElement(item) || isDropped(item)) continue;
    const isNestedList = item.tagName === 'ul' || item.tagName === 'ol';
    const nested = isNestedList ? [item] : item.childNodes.filter(isNestedListNode);
    const own = isNestedList ? [] : item.childNodes.filter((node) => !isNestedListNode(node));
    const marker = list.tagName === 'ol' ? `${number}. ` : '- ';
    const text = inlineText(own).replace(/\n/g, ' ');
    if (text !== '') {
      builder.add({ kind: 'list', text: marker + text, separator: isFirst ? '\n\n' : `\n${indent}` });
      isFirst = false;
      number += 1;
    }
    for (const inner of nested) appendList(builder, inner, `${indent}  `);
  }
}

function appendTable(builder: StructuredText, table: HtmlElement): void {
  // A table around headings, lists or other tables lays out a page; its cells are read one after the other.
  const isLayout = findElement(table, ({ tagName }) =>
    /^(?:h[1-6]|ul|ol|table|article|main|section)$/.test(tagName),
  );
  if (isLayout) {
    appendHtml(builder, table.childNodes);
    return;
  }
  let isFirst = true;
  for (const row of rowsOf(table)) {
    const cells = row.childNodes.filter(
      (node) => isElement(node) && /^t[dh]$/.test(node.tagName),
    ) as HtmlElement[];
    const text = cells.map((cell) => inlineText(cell.childNodes).replace(/\n/g, ' ')).join(' | ');
    if (!/[^\s|]/.test(text)) continue;
    builder.add({ kind: 'table', text, separator: isFirst ? '\n\n' : '\n' });
    isFirst = false;
  }
}

function rowsOf(table: HtmlElement): HtmlElement[] {
  const rows: HtmlElement[] = [];
  for (const node of table.childNodes) {
    if (!isElement(node) || isDropped(node)) continue;
    if (node.tagName === 'tr' || node.tagName === 'caption')
      rows.push(node.tagName === 'tr' ? node : captionRow(node));
    else rows.push(...rowsOf(node));
  }
  return rows;
}

function captionRow(caption: HtmlElement): HtmlElement {
  return {
    ...caption,
    tagName: 'tr',
    nodeName: 'tr',
    childNodes: [{ ...caption, tagName: 'td', nodeName: 'td' }],
  };
}

function preformattedText(nodes: HtmlNode[]): string {
  let text = '';
  for (const node of nodes) {
    if (node.nodeName === '#text') text += (node as DefaultTreeAdapterTypes.TextNode).value;
    else if (isElement(node)) text += node.tagName === 'br' ? '\n' : preformattedText(node.childNodes);
  }
  return normaliseText(text)
    .replace(/^\s*\n/, '')
    .trimEnd();
}

function containsBlock(element: HtmlElement): boolean {
  return (
    blockLevel.has(element.tagName) ||
    findElement(element, ({ tagName }) => blockLevel.has(tagName)) !== undefined
  );
}

function isNestedListNode(node: HtmlNode): node is HtmlElement {
  return isElement(node) && (node.tagName === 'ul' || node.tagName === 'ol');
}

function isElement(node: HtmlNode): node is HtmlElement {
  return 'tagName' in node;
}
