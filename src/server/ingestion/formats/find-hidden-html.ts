import type { DefaultTreeAdapterTypes } from 'parse5';

import type { HtmlElement, HtmlNode } from './append-html.ts';
import { collapseWhitespace } from '../normalise-text.ts';
import type { HiddenText } from '../parsed-document.ts';

/** What pages hide and show by themselves: menus, dialogs, forms and what is no text at all. */
const ORDINARY = new Set(
  'script style noscript template nav footer head svg math iframe object form button select dialog menu a label'.split(
    ' ',
  ),
);
const WHITE = /^(?:#fff(?:fff)?|white|rgba?\(\s*255\s*,\s*255\s*,\s*255\b.*|transparent|rgba\(.*,\s*0\s*\))$/;
const FAR_AWAY = /(?:^|;)\s*(?:left|top|right|text-indent|margin-left)\s*:\s*-\d{3,}(?:px|em|rem|%)?/;

/**
 * Text that a browser would not show: `hidden`, `display: none`, `visibility: hidden`, no size, no opacity, white
 * without a background, or far outside of the page. Only inline styles are known; ordinary hidden parts of pages
 * (menus, dialogs, forms, links to skip with) are left alone.
 */
export function findHiddenHtml(root: DefaultTreeAdapterTypes.ParentNode): HiddenText[] {
  const found: HiddenText[] = [];
  const waiting: HtmlNode[] = root.childNodes.toReversed();
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (!('tagName' in node) || (ORDINARY.has(node.tagName) && node.tagName !== 'head')) continue;
    const reason = reasonOf(node);
    const text = reason === undefined ? '' : collapseWhitespace(textOf(node));
    if (reason !== undefined && text !== '') found.push({ reason, text });
    else for (const child of node.childNodes.toReversed()) waiting.push(child);
  }
  return found;
}

function reasonOf(element: HtmlElement): string | undefined {
  const attribute = (name: string) => element.attrs.find((entry) => entry.name === name)?.value;
  if (attribute('hidden') !== undefined) return 'a hidden element';
  const style = (attribute('style') ?? '').toLowerCase();
  if (style === '') return undefined;
  const value = (name: string) => new RegExp(`(?:^|;)\\s*${name}\\s*:\\s*([^;!]+)`).exec(style)?.[1]?.trim();
  if (value('display') === 'none' || value('visibility') === 'hidden') return 'a hidden element';
  if (/^0*(?:\.0+)?(?:0|[01]px|0?\.\d+(?:px|em|rem|pt))(?:px|pt|em|rem|%)?$/.test(value('font-size') ?? ''))
    return 'type without size';
  if (/^0?(?:\.0\d*)?0?$/.test(value('opacity') ?? 'x')) return 'transparent type';
  const background = value('background(?:-color)?') ?? 'white';
  if (WHITE.test(value('color') ?? '') && WHITE.test(background)) return 'white type on white';
  return FAR_AWAY.test(style) ? 'type outside of the page' : undefined;
}

function textOf(node: HtmlNode): string {
  if (node.nodeName === '#text') return (node as DefaultTreeAdapterTypes.TextNode).value;
  if (!('tagName' in node) || ORDINARY.has(node.tagName)) return ' ';
  return node.childNodes.map(textOf).join(' ');
}
