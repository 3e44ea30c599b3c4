import type { Nodes, Parents, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { gfmTable } from 'micromark-extension-gfm-table';
import { parseFragment } from 'parse5';
import { parse as parseYaml } from 'yaml';

import { appendHtml } from './append-html.ts';
import { collapseWhitespace } from '../normalise-text.ts';
import type { ParsedDocument } from '../parsed-document.ts';
import { createStructuredText, type StructuredText } from '../structured-text.ts';

/**
 * Reads Markdown (CommonMark with GitHub tables): headings, paragraphs, list items, table rows and code become
 * blocks of plain text; links and images keep their text. YAML front matter is skipped and its `title` used, or else
 * the first heading.
 * @param input.text text as `decodeText` returns it.
 */
export function parseMarkdown(input: { text: string }): ParsedDocument {
  const { title: namedTitle, body } = splitFrontMatter(input.text);
  const tree = fromMarkdown(body, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] });
  const builder = createStructuredText();
  for (const node of tree.children) appendNode(builder, node);
  const title = namedTitle ?? builder.firstHeading();
  return { format: 'markdown', ...(title ? { title } : {}), ...builder.finish(), warnings: [] };
}

function splitFrontMatter(text: string): { title?: string; body: string } {
  const found = /^\s*---[ \t]*\n([\s\S]*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)/.exec(text);
  const source = found?.[1];
  // Two thematic breaks at the top look alike; front matter has a key on its first line.
  if (!found || source === undefined || !/^\s*[\w"'-]+\s*:/.test(source)) return { body: text };
  const body = text.slice(found[0].length);
  const title = frontMatterTitle(source);
  return title ? { title, body } : { body };
}

function frontMatterTitle(source: string): string | undefined {
  try {
    const values: unknown = parseYaml(source);
    if (typeof values !== 'object' || values === null || !('title' in values)) return undefined;
    return typeof values.title === 'string' ? collapseWhitespace(values.title) : undefined;
  } catch {
    // Broken front matter costs the title, not the document.
    return undefined;
  }
}

function appendNode(builder: StructuredText, node: RootContent): void {
  switch (node.type) {
    case 'heading':
      builder.addHeading(node.depth, plainText(node));
      break;
    case 'paragraph':
      builder.add({ kind: 'prose', text: plainText(node) });
      break;
    case 'code':
      builder.add({ kind: 'code', text: node.value });
      break;
    case 'html':
      appendHtml(builder, parseFragment(node.value).childNodes);
      break;
    case 'list':
      appendList(builder, node, '');
      break;
    case 'table':
      for (const [index, row] of node.children.entries()) {
        const text = row.children.map((cell) => plainText(cell)).join(' | ');
        if (/[^\s|]/.test(text)) builder.add({ kind: 'table', text, separator: index === 0 ? '\n\n' : '\n' });
      }
      break;
    default:
      if ('children' in node) for (const child of node.children) appendNode(builder, child);
  }
}

function appendList(
  builder: StructuredText,
  list: Extract<RootContent, { type: 'list' }>,
  indent: string,
): void {
  let isFirst = indent === '';
  for (const [index, item] of list.children.entries()) {
    const marker = list.ordered ? `${(list.start ?? 1) + index}. ` : '- ';
    let isMarked = false;
    for (const child of item.children) {
      if (child.type === 'list') {
        appendList(builder, child, `${indent}  `);
        continue;
      }
      if (child.type !== 'paragraph') {
        appendNode(builder, child);
        continue;
      }
      const text = plainText(child).replace(/\n/g, ' ');
      if (text === '') continue;
      builder.add({
        kind: 'list',
        text: isMarked ? text : marker + text,
        separator: isFirst ? '\n\n' : `\n${indent}`,
      });
      isFirst = false;
      isMarked = true;
    }
  }
}

/** The words of inline nodes on one line, hard breaks kept. */
function plainText(node: Parents): string {
  return node.children.map(rawText).join('').split('\u2028').map(collapseWhitespace).join('\n').trim();
}

function rawText(node: Nodes): string {
  if (node.type === 'break') return '\u2028';
  if (node.type === 'html') return /^<br\b/i.test(node.value) ? '\u2028' : '';
  if (node.type === 'image' || node.type === 'imageReference') return node.alt ?? '';
  if ('value' in node) return node.value.replaceAll('\u2028', ' ');
  return 'children' in node ? node.children.map(rawText).join('') : '';
}
