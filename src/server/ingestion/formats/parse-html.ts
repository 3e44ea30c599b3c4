import { parse } from 'parse5';

import { appendHtml, findElement, type HtmlElement, inlineText, isDropped } from './append-html.ts';
import { findHiddenHtml } from './find-hidden-html.ts';
import type { ParsedDocument } from '../parsed-document.ts';
import { createStructuredText } from '../structured-text.ts';

/**
 * Reads the main content of an HTML page (WHATWG HTML, by parse5): `main`, or else the only `article`, or else the
 * body; see `appendHtml` for what stays out. The title is the `title` element's, or else the first heading.
 * @param input.text text as `decodeText` returns it.
 */
export function parseHtml(input: { text: string }): ParsedDocument {
  const page = parse(input.text);
  const titleElement = findElement(page, (element) => element.tagName === 'title');
  const body = findElement(page, (element) => element.tagName === 'body');
  const candidates = [findMain(body), body].filter((element) => element !== undefined);
  for (const root of candidates) {
    const builder = createStructuredText();
    appendHtml(builder, root.childNodes);
    const { text, blocks } = builder.finish();
    const title = (titleElement ? inlineText(titleElement.childNodes) : '') || builder.firstHeading();
    if (blocks.length > 0)
      return {
        format: 'html',
        ...(title ? { title } : {}),
        text,
        blocks,
        warnings: [],
        ...hiddenIn(body ?? page),
      };
  }
  return { format: 'html', text: '', blocks: [], warnings: [] };
}

function hiddenIn(root: Parameters<typeof findHiddenHtml>[0]): Pick<ParsedDocument, 'hidden'> {
  const hidden = findHiddenHtml(root);
  return hidden.length > 0 ? { hidden } : {};
}

function findMain(body: HtmlElement | undefined): HtmlElement | undefined {
  if (!body) return undefined;
  const isMain = (element: HtmlElement): boolean =>
    element.tagName === 'main' ||
    element.attrs.some(({ name, value }) => name === 'role' && value === 'main');
  const main = findElement(body, (element) => isMain(element) && !isDropped(element));
  if (main) return main;
  const article = findElement(body, (element) => element.tagName === 'article');
  const another = findElement(body, (element) => element.tagName === 'article' && element !== article);
  return another ? undefined : article;
}
