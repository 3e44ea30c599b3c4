import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { planImport } from './plan-import.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wwhd-import-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content = 'text'): string {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

function plan(metadata?: unknown) {
  const metadataPath = metadata === undefined ? undefined : write('talks.json', JSON.stringify(metadata));
  return planImport({ folder, metadataPath, namespace: 'meditation' });
}

describe('planImport', () => {
  it('should take every supported format, in sub-folders too, and tell of the others', async () => {
    for (const name of ['a.pdf', 'b.DOCX', 'sub/c.srt', 'd.exe', '.hidden.txt', 'e.csv']) write(name);
    const { items, ignored } = await plan();
    expect(items.map(({ fileName }) => fileName)).toEqual(['a.pdf', 'b.DOCX', 'e.csv', 'sub/c.srt']);
    expect(items[0]?.fields).toEqual({ namespace: 'meditation' });
    expect(ignored).toEqual(['d.exe']);
  });

  it('should give a file the fields of its metadata entry and keep the unknown ones', async () => {
    write('talk.pdf');
    const { items } = await plan({
      videos: [
        {
          filename: 'talk.pdf',
          title: 'Sitting',
          youtube_url: 'https://youtu.be/x',
          author: '',
          published_date: '2026-03-14',
          duration: 61,
        },
      ],
    });
    expect(items[0]?.fields).toEqual({
      namespace: 'meditation',
      title: 'Sitting',
      youtube_url: 'https://youtu.be/x',
      published_date: '2026-03-14',
      metadata_json: { duration: 61 },
    });
  });

  it('should keep a date that the server would refuse as metadata', async () => {
    write('talk.pdf');
    const { items } = await plan([{ filename: 'talk.pdf', published_date: 'last spring' }]);
    expect(items[0]?.fields).toEqual({
      namespace: 'meditation',
      metadata_json: { published_date: 'last spring' },
    });
  });

  it('should find a file whatever the case, the folder and the spelling of its accents', async () => {
    write('sub/Cafe\u0301.PDF');
    const { items, metadataWithoutFile } = await plan({
      videos: [{ filename: 'caf\u00E9.pdf', title: 'Tea' }],
    });
    expect(items[0]?.fields.title).toBe('Tea');
    expect(metadataWithoutFile).toEqual([]);
  });

  it('should tell metadata without a file and files without metadata', async () => {
    write('here.pdf');
    const found = await plan({ videos: [{ filename: 'gone.pdf' }] });
    expect(found.metadataWithoutFile).toEqual(['gone.pdf']);
    expect(found.filesWithoutMetadata).toEqual(['here.pdf']);
  });

  it('should refuse files that are empty or over 10 MB', async () => {
    write('empty.txt', '');
    truncateSync(write('large.pdf'), 10 * 1024 * 1024 + 1);
    truncateSync(write('limit.pdf'), 10 * 1024 * 1024);
    const { items, refused } = await plan();
    expect(items.map(({ fileName }) => fileName)).toEqual(['limit.pdf']);
    expect(refused).toEqual([
      { fileName: 'empty.txt', reason: 'The file is empty.' },
      { fileName: 'large.pdf', reason: expect.stringContaining('10 MB') as string },
    ]);
  });

  it('should say which option is wrong', async () => {
    await expect(plan({ videos: [{ title: 'no file name' }] })).rejects.toMatchObject({ exitCode: 2 });
    write('talks.json', 'not json');
    const broken = planImport({ folder, metadataPath: join(folder, 'talks.json'), namespace: 'a' });
    await expect(broken).rejects.toThrow('--metadata-file');
    const absent = planImport({ folder: join(folder, 'absent'), metadataPath: undefined, namespace: 'a' });
    await expect(absent).rejects.toThrow('--pdf-folder');
  });
});
