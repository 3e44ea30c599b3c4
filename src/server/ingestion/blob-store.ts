import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** The port: originals by the SHA-256 of their content. Reads of an absent blob are undefined. */
export interface BlobStore {
  /** Stores the bytes durably before it resolves. @returns their hash, 64 hex digits */
  put(bytes: Uint8Array): Promise<string>;
  read(hash: string): Promise<Uint8Array | undefined>;
  size(hash: string): Promise<number | undefined>;
  stream(hash: string, range?: { start: number; end: number }): Readable;
  remove(hash: string): Promise<void>;
}

/** SHA-256 of the content, the name of a blob. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Blobs as files in two levels of folders; written beside, synced and renamed, so that a crash leaves no half file. */
export function createFileBlobStore(folder: string): BlobStore {
  const pathOf = (hash: string) => {
    if (!/^[0-9a-f]{64}$/.test(hash)) throw new Error(`Not a blob hash: ${hash}`);
    return join(folder, hash.slice(0, 2), hash);
  };
  const sizeOf = async (hash: string) => {
    try {
      return (await stat(pathOf(hash))).size;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  };
  return {
    async put(bytes) {
      const hash = hashOf(bytes);
      if ((await sizeOf(hash)) === bytes.byteLength) return hash;
      const path = pathOf(hash);
      await mkdir(join(path, '..'), { recursive: true });
      const temporary = `${path}.${randomUUID()}`;
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
      return hash;
    },
    async read(hash) {
      return (await sizeOf(hash)) === undefined ? undefined : readFile(pathOf(hash));
    },
    size: sizeOf,
    stream: (hash, range) => createReadStream(pathOf(hash), range),
    remove: (hash) => rm(pathOf(hash), { force: true }),
  };
}
