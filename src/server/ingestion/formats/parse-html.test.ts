import { describe, expect, it } from 'vitest';

import { parseHtml } from './parse-html.ts';

function outline(text: string): string[] {
  const parsed = parseHtml({ text });
  return parsed.blocks.map(({ kind, start, end }) => `${kind}: ${parsed.text.slice(start, end)}`);
}

describe('parseHtml', () => {
  it('should read the main content and leave out what is around it', () => {
    const parsed = parseHtml({
      text:
        '<title>Tea | Site</title><header><nav>Home</nav></header><div>Advert</div><main><h1>Tea</h1><p>Pour&nbsp;it.</p>' +
        '<aside>See also</aside><form><input value="x">Search</form><script>bad()</script><style>p{}</style>' +
        '<p hidden>secret</p><p style="display: none">secret</p><p aria-hidden="true">secret</p></main><footer>Imprint</footer>',
    });
    expect(parsed.title).toBe('Tea | Site');
    expect(parsed.text).toBe('Tea\n\nPour it.');
    expect(parsed.blocks[1]).toMatchObject({ kind: 'prose', headingPath: ['Tea'] });
  });

  it('should fall back to the only article, then to the body', () => {
    expect(parseHtml({ text: '<div>Menu</div><article>Story</article>' }).text).toBe('Story');
    expect(parseHtml({ text: '<article>One</article><article>Two</article>' }).text).toBe('One\n\nTwo');
    expect(parseHtml({ text: '<main></main><p>Outside</p>' }).text).toBe('Outside');
  });

  it('should read a page that is wrapped in a form', () => {
    expect(parseHtml({ text: '<form id="aspnet"><h1>Title</h1><p>Text</p></form>' }).text).toBe(
      'Title\n\nText',
    );
  });

  it('should keep inline text together and blocks apart', () => {
    expect(
      outline('loose <b>bold</b> text<p>One<br>two</p><div>three <span>four</span><div>five</div></div>'),
    ).toEqual(['prose: loose bold text', 'prose: One\ntwo', 'prose: three four', 'prose: five']);
  });

  it('should read lists, tables and preformatted text', () => {
    expect(
      outline(
        '<ol start="3"><li>three<ul><li>inner</li></ul></li><li><p>four</p></li></ol>' +
          '<table><caption>Cups</caption><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2<br>3</td></tr></table>' +
          '<pre>x = 1\n  y = 2</pre>',
      ),
    ).toEqual([
      'list: 3. three',
      'list: - inner',
      'list: 4. four',
      'table: Cups',
      'table: a | b',
      'table: 1 | 2 3',
      'code: x = 1\n  y = 2',
    ]);
  });

  it('should read the cells of a layout table one after the other', () => {
    expect(
      outline('<table><tr><td><h2>Left</h2>words</td><td><ul><li>right</li></ul></td></tr></table>'),
    ).toEqual(['heading: Left', 'prose: words', 'list: - right']);
  });
});
