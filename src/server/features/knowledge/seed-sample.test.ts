import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it, onTestFinished } from 'vitest';

import { buildWholeApp, testPacksFolder } from '../../../../test/build-whole-app.ts';
import { readSampleFolder } from './seed-sample.ts';

describe('seedSample', () => {
  it('should load the knowledge of all packs once, with what is written of it', async () => {
    const { wwhd, as } = await buildWholeApp();
    expect(await wwhd.loadSample()).toBe(2);
    expect(await wwhd.whenIngested()).toEqual({ ready: 2, failed: 0 });
    const documents = (await as('curator').get('/api/v1/documents/?namespace=tea')).json<object[]>();
    expect(documents).toMatchObject([
      {
        title: 'Brewing green tea',
        author: 'Tessa',
        published_date: '2026-01-05',
        tags: ['tea', 'water'],
        is_sample: true,
        uploaded_by: null,
      },
    ]);
    expect(await wwhd.loadSample()).toBe(0);
  });

  it('should bring nothing back that was removed, also after a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wwhd-seed-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const first = await buildWholeApp({ folder, withSample: true });
    expect((await first.as('admin').delete('/api/v1/documents/all?confirm=true')).json()).toEqual({
      deleted: 2,
    });
    await first.close();
    const second = await buildWholeApp({ folder });
    expect(await second.wwhd.loadSample()).toBe(0);
    expect((await second.as('admin', 'other-admin').get('/api/v1/documents/')).json()).toEqual([]);
  });
});

describe('readSampleFolder', () => {
  const copyOf = (change: (folder: string) => void) => {
    const folder = mkdtempSync(join(tmpdir(), 'wwhd-seed-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    cpSync(join(testPacksFolder, 'tester', 'knowledge', 'tea'), folder, { recursive: true });
    change(folder);
    return folder;
  };

  it('should read nothing where there is no list', () => {
    expect(readSampleFolder(join(testPacksFolder, 'keeper'))).toEqual([]);
  });

  it('should name the list that is broken or names a missing file', () => {
    const missing = copyOf((folder) => rmSync(join(folder, 'brewing.md')));
    expect(() => readSampleFolder(missing)).toThrow(
      /documents\.yaml: names brewing\.md, which is not in the folder/,
    );
    for (const file of ['../secrets.md', '/etc/passwd', String.raw`..\\secrets.md`]) {
      const outside = copyOf((folder) =>
        writeFileSync(join(folder, 'documents.yaml'), JSON.stringify({ documents: [{ file, title: 'T' }] })),
      );
      expect(() => readSampleFolder(outside)).toThrow(/documents\.0\.file: must be a file name/);
    }
    const untitled = copyOf((folder) =>
      writeFileSync(join(folder, 'documents.yaml'), 'documents:\n  - file: brewing.md\n    title: ""\n'),
    );
    expect(() => readSampleFolder(untitled)).toThrow(/documents\.yaml:3: documents\.0\.title/);
  });
});
