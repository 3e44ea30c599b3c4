import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

import { describe, expect, it, onTestFinished } from 'vitest';

import { createFileBlobStore, hashOf } from './blob-store.ts';

const bytes = new TextEncoder().encode('some words');

function openStore() {
  const folder = mkdtempSync(join(tmpdir(), 'wwhd-blobs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const files = () =>
    readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return { store: createFileBlobStore(folder), folder, files };
}

describe('createFileBlobStore', () => {
  it('should give back what was put, by the SHA-256 of its content', async () => {
    const { store } = openStore();
    const hash = await store.put(bytes);
    expect(hash).toBe('050777a35dcd48838062824126e60a0780dc322c5b1f84c3a32636cc7466b1b6');
    expect(new Uint8Array((await store.read(hash)) ?? [])).toEqual(bytes);
    expect(await store.size(hash)).toBe(10);
    expect((await buffer(store.stream(hash, { start: 5, end: 9 }))).toString()).toBe('words');
  });

  it('should keep one file of the same content, also when it is put many times at once', async () => {
    const { store, files } = openStore();
    const hashes = await Promise.all(Array.from({ length: 8 }, () => store.put(bytes)));
    expect(new Set(hashes).size).toBe(1);
    expect(files().map((file) => file.name)).toEqual([hashes[0]]);
  });

  it('should write again what a crash left cut off', async () => {
    const { store, files } = openStore();
    const hash = await store.put(bytes);
    const file = files()[0];
    writeFileSync(join(file?.parentPath ?? '', hash), 'some');
    await store.put(bytes);
    expect(Buffer.from((await store.read(hash)) ?? []).toString()).toBe('some words');
  });

  it('should know nothing of an absent blob, and remove one twice', async () => {
    const { store, files } = openStore();
    const absent = hashOf(new Uint8Array());
    expect(await store.read(absent)).toBeUndefined();
    expect(await store.size(absent)).toBeUndefined();
    const hash = await store.put(bytes);
    await store.remove(hash);
    await store.remove(hash);
    expect(files()).toEqual([]);
  });

  it('should accept no name but a hash', async () => {
    const { store } = openStore();
    await expect(store.read('../../etc/passwd')).rejects.toThrow('Not a blob hash');
    expect(() => store.remove('..')).toThrow('Not a blob hash');
  });
});
