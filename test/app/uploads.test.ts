import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Document } from '../../src/shared/documents.ts';
import { buildPdf } from '../build-pdf.ts';
import { buildUpload } from '../build-upload.ts';
import { openWholeApp, type WholeApp } from '../build-whole-app.ts';

const url = '/api/v1/documents/upload';
const text = 'The kettle of the gardener sings when the water is ready for the cups. ';
let whole: WholeApp;

beforeAll(async () => {
  whole = await openWholeApp({ withSample: true });
});
afterAll(() => whole.close());

async function upload(fileName: string, content: string | Uint8Array, fields: Record<string, string> = {}) {
  const body = await buildUpload({ fileName, content, fields: { namespace: 'tea', ...fields } });
  return whole.as('curator').send({ method: 'POST', url, ...body });
}

/** What is searchable, seen from outside the server. */
function countIndexed() {
  const database = new DatabaseSync(join(whole.folder, 'app.db'), { readOnly: true });
  const count = (sql: string) => Number(database.prepare(sql).get()?.['n']);
  const counts = {
    passages: count('select count(*) n from passages'),
    indexed: count('select coalesce(sum(passage_count), 0) n from index_segments'),
    removed: count('select count(*) n from index_tombstones'),
  };
  database.close();
  return counts;
}

const utf16 = (value: string) => new Uint8Array(Buffer.from(`\uFEFF${value}`, 'utf16le'));

/** A PDF whose one page shows a drawing and no letters. */
const imageOnlyPdf = () => buildPdf((pdf) => void pdf.rect(60, 60, 200, 200).fill('#336699'));

describe('uploads that cannot become knowledge', () => {
  const refusedAtOnce = [
    ['an empty file', 'empty.txt', new Uint8Array(), 422, 'document_empty'],
    ['one byte too much', 'big.txt', new Uint8Array(10 * 1_048_576 + 1).fill(97), 413, 'payload_too_large'],
    [
      'a program by the name of a text',
      'setup.txt',
      Buffer.from('MZ\u0090\u0000\u0003\u0000\u0000\u0000'),
      415,
      undefined,
    ],
    ['a text by the name of a PDF', 'talk.pdf', text, 415, 'document_type_mismatch'],
    ['an unknown type', 'song.mp3', new Uint8Array([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 0, 0]), 415, undefined],
  ] as const;

  it.each(refusedAtOnce)(
    'should refuse %s and store nothing of it',
    async (...[, fileName, content, status, code]) => {
      const before = await whole.as('curator').get('/api/v1/documents/?limit=1');
      const response = await upload(fileName, content);
      expect(response.statusCode).toBe(status);
      if (code) expect(response.json()).toMatchObject({ code });
      expect(response.json<{ detail: string }>().detail).toMatch(/\w+ .*\./);
      const after = await whole.as('curator').get('/api/v1/documents/?limit=1');
      expect(after.headers['x-total-count']).toBe(before.headers['x-total-count']);
    },
  );

  it('should say on the document what is wrong, each in its own words, and index nothing', async () => {
    const before = countIndexed();
    const plain = await buildPdf((pdf) => void pdf.text(text.repeat(30)));
    const files: [string, string | Uint8Array, string][] = [
      [
        'locked.pdf',
        await buildPdf((pdf) => void pdf.text(text), { userPassword: 'secret' }),
        'document_encrypted',
      ],
      ['drawing.pdf', await imageOnlyPdf(), 'document_without_text'],
      ['cut.pdf', plain.slice(0, Math.floor(plain.length / 3)), 'document_unreadable'],
      ['blank.txt', ' \n\t \n', 'document_empty'],
    ];
    const errors: string[] = [];
    for (const [fileName, content, code] of files) {
      const response = await upload(fileName, content);
      const document =
        response.statusCode === 200
          ? response.json<Document>()
          : {
              status: 'failed',
              error_code: response.json<{ code: string }>().code,
              error: response.json<{ detail: string }>().detail,
            };
      expect({ fileName, ...document }).toMatchObject({ fileName, status: 'failed', error_code: code });
      errors.push(document.error?.replace(fileName, '') ?? '');
    }
    expect(new Set(errors.slice(0, 3)).size).toBe(3);
    expect(countIndexed()).toEqual(before);
  });

  it('should let the rest of a batch go on', async () => {
    const batch = await Promise.all([
      upload('batch-1.md', `# One\n\n${text}It is the first of three.`),
      upload('batch-2.txt', new Uint8Array()),
      upload('batch-3.md', `# Three\n\n${text}It is the third of three.`),
    ]);
    expect(batch.map((response) => response.statusCode)).toEqual([200, 422, 200]);
    await whole.wwhd.whenIngested();
    const found = await whole.as('curator').get('/api/v1/documents/?q=batch&status=indexed');
    const names = found.json<Document[]>().map((document) => document.file_name);
    expect(new Set(names)).toEqual(new Set(['batch-1.md', 'batch-3.md']));
  });
});

describe('uploads in other encodings', () => {
  it.each([
    ['utf-16.txt', utf16(`${text}Grüße aus Köln.`), 'Grüße aus Köln.'],
    ['latin-1.txt', new Uint8Array(Buffer.from(`${text}Grüße aus Bonn.`, 'latin1')), 'Grüße aus Bonn.'],
    ['crlf.txt', `${text}\r\nGrüße aus Ulm.\r\n`, 'Grüße aus Ulm.'],
  ] as const)('should read %s', async (fileName, content, expected) => {
    const document = (await upload(fileName, content)).json<Document>();
    expect(document).toMatchObject({ status: 'indexed', error: null });
    const passages = await whole.as('curator').get(`/api/v1/documents/${document.id}/passages`);
    expect(
      passages
        .json<{ text: string }[]>()
        .map((passage) => passage.text)
        .join('\n'),
    ).toContain(expected);
  });

  it('should never store a NUL, whether it refuses the file or reads around it', async () => {
    const response = await upload('nul.txt', `${text}\u0000${text}`);
    expect([200, 415, 422]).toContain(response.statusCode);
    if (response.statusCode !== 200) return;
    const { id } = response.json<Document>();
    const passages = await whole.as('curator').get(`/api/v1/documents/${id}/passages`);
    expect(passages.body).not.toContain('\\u0000');
  });
});

describe('an upload', () => {
  it('should come back as the same document when it comes twice, also at once', async () => {
    const content = `# Twice\n\n${text}Nobody needs it twice.`;
    const both = await Promise.all([upload('twice.md', content), upload('twice-again.md', content)]);
    const [first, second] = both.map((response) => response.json<Document>());
    expect(second?.id).toBe(first?.id);
    expect(both.filter((response) => response.json<Document>().duplicate)).toHaveLength(1);
    const elsewhere = (await upload('twice.md', content, { namespace: 'bells' })).json<Document>();
    expect(elsewhere.id).not.toBe(first?.id);
  });

  it('should keep its fields, and drop the folders of its name', async () => {
    const document = (
      await upload('..\\..\\etc\\notes.md', `# Notes\n\n${text}With fields.`, {
        title: 'Notes',
        author: 'Ilse',
        tags: 'a, b',
        published_date: '2026-02',
        source_url: 'https://example.org/notes',
        metadata: '{"series":"2026"}',
      })
    ).json<Document>();
    expect(document).toMatchObject({
      title: 'Notes',
      file_name: 'notes.md',
      author: 'Ilse',
      tags: ['a', 'b'],
      published_date: '2026-02',
      source_url: 'https://example.org/notes',
      metadata_json: { series: '2026' },
    });
  });

  it.each([
    [{ namespace: 'nowhere' }, 'namespace'],
    [{ metadata: '{' }, 'metadata'],
    [{ source_url: 'javascript:alert(1)' }, 'source_url'],
    [{ published_date: 'yesterday' }, 'published_date'],
  ])('should be refused with the fields %j', async (fields, path) => {
    const response = await upload('fields.md', `# Fields\n\n${text}`, fields);
    expect(response.statusCode).toBe(422);
    expect(response.json()).toMatchObject({ errors: [{ path }] });
  });

  it('should be refused without a file, and as anything but multipart', async () => {
    const form = new FormData();
    form.append('namespace', 'tea');
    const request = new Response(form);
    const payload = Buffer.from(await request.arrayBuffer());
    const headers = { 'content-type': request.headers.get('content-type') ?? '' };
    const { send, post } = whole.as('curator');
    expect((await send({ method: 'POST', url, payload, headers })).statusCode).toBe(422);
    expect((await post(url, { namespace: 'tea' })).statusCode).toBe(415);
    const cut = await buildUpload({ fileName: 'a.md', content: text, fields: { namespace: 'tea' } });
    const response = await send({ method: 'POST', url, ...cut, payload: cut.payload.subarray(0, -60) });
    expect(response.json()).toMatchObject({ status: 400, code: 'malformed_request' });
  });
});

describe('GET /api/v1/documents/{id}/file', () => {
  it('should answer ranges as RFC 9110 has them', async () => {
    const content = '0123456789 is a line of ten digits and some words about tea.';
    const { id } = (await upload('range.txt', content)).json<Document>();
    const get = (range?: string) =>
      whole.as('user').get(`/api/v1/documents/${id}/file`, range === undefined ? {} : { range });
    const all = await get();
    expect(all).toMatchObject({ statusCode: 200, body: content });
    expect(all.headers).toMatchObject({
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'content-disposition': expect.stringContaining('attachment'),
    });
    for (const [range, part] of [
      ['bytes=0-3', '0123'],
      ['bytes=55-', content.slice(55)],
      ['bytes=-4', content.slice(-4)],
      ['bytes=0-9999', content],
    ] as const) {
      const response = await get(range);
      expect(response).toMatchObject({ statusCode: 206, body: part });
      expect(response.headers['content-length']).toBe(String(part.length));
    }
    for (const range of ['bytes=9999-', 'bytes=-0']) {
      const response = await get(range);
      expect(response.statusCode).toBe(416);
      expect(response.headers['content-range']).toBe(`bytes */${content.length}`);
    }
    for (const range of ['bytes=0-1,3-4', 'lines=0-1', 'bytes=', 'bytes=5-2']) {
      expect(await get(range)).toMatchObject({ statusCode: 200, body: content });
    }
  });

  it('should show a PDF in place and give the text of its pages', async () => {
    const bytes = await buildPdf(
      (pdf) => void pdf.text(`First page. ${text}`).addPage().text(`Second page. ${text}`),
    );
    const document = (await upload('pages.pdf', bytes)).json<Document>();
    expect(document).toMatchObject({ status: 'indexed', page_count: 2, format: 'pdf' });
    const file = await whole.as('user').get(`/api/v1/documents/${document.id}/file`);
    expect(file.headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-disposition': expect.stringMatching(/^inline/),
    });
    expect(new Uint8Array(file.rawPayload)).toEqual(bytes);
    const page = (number: number) => whole.as('user').get(`/api/v1/documents/${document.id}/pages/${number}`);
    expect((await page(2)).json()).toMatchObject({
      page: 2,
      page_count: 2,
      text: expect.stringContaining('Second'),
    });
    expect((await page(3)).statusCode).toBe(404);
    expect((await page(0)).statusCode).toBe(422);
  });
});
