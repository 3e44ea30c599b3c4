import { describe, expect, it } from 'vitest';

import { parseMarkdown } from './parse-markdown.ts';

function outline(text: string): string[] {
  const parsed = parseMarkdown({ text });
  return parsed.blocks.map(({ kind, start, end }) => `${kind}: ${parsed.text.slice(start, end)}`);
}

describe('parseMarkdown', () => {
  it('should give every block the path of the headings above it', () => {
    const parsed = parseMarkdown({
      text: '# Tea\n\nIntro.\n\n## Green\n\nPour.\n\n### Cups\n\nSmall.\n\n## Black\n\nBoil.',
    });
    expect(parsed.title).toBe('Tea');
    expect(parsed.blocks.map(({ headingPath }) => headingPath?.join('/'))).toEqual([
      'Tea',
      'Tea',
      'Tea/Green',
      'Tea/Green',
      'Tea/Green/Cups',
      'Tea/Green/Cups',
      'Tea/Black',
      'Tea/Black',
    ]);
  });

  it('should skip front matter and take its title', () => {
    const parsed = parseMarkdown({ text: '---\ntitle: "The: Title"\ntags: [a]\n---\n# Heading\n\nText.' });
    expect(parsed.title).toBe('The: Title');
    expect(parsed.text).toBe('Heading\n\nText.');
  });

  it('should keep text between two thematic breaks, and text below broken front matter', () => {
    expect(parseMarkdown({ text: '---\nNot front matter.\n\n---\nMore.' }).text).toContain(
      'Not front matter.',
    );
    expect(parseMarkdown({ text: '---\ntitle: [broken\n---\nText.' })).toMatchObject({ text: 'Text.' });
  });

  it('should keep the words of links, images, emphasis and code, and hard breaks', () => {
    expect(
      outline(
        'A [link](http://x.y "t"), ![picture](p.png), *soft*\nwrapped `code`.  \nBroken<br>twice<b>!</b>',
      ),
    ).toEqual(['prose: A link, picture, soft wrapped code.\nBroken\ntwice!']);
  });

  it('should make a block of each list item, table row and code block', () => {
    expect(
      outline(
        '3. three\n4. four\n   - nested\n\n| a | b |\n|---|---|\n| 1 | `2` |\n\n```js\nconst a = 1;\n\nrun();\n```\n\n> quoted',
      ),
    ).toEqual([
      'list: 3. three',
      'list: 4. four',
      'list: - nested',
      'table: a | b',
      'table: 1 | 2',
      'code: const a = 1;\n\nrun();',
      'prose: quoted',
    ]);
  });

  it('should read the text of HTML and leave comments and scripts out', () => {
    expect(
      outline('<div align="center"><p>Logo</p></div>\n\n<!-- hidden -->\n\n<script>bad()</script>\n\nText'),
    ).toEqual(['prose: Logo', 'prose: Text']);
  });
});
