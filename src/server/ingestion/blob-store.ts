import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

import { AppError } from '../errors.ts';

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
      await makeFolder(join(path, '..'));
      const temporary = `${path}.${randomUUID()}`;
      try {
        await writeDurably(temporary, bytes);
        await rename(temporary, path);
      } catch (error) {
        // What was written of it would keep a full disk full.
        await rm(temporary, { force: true });
        throw explainFullDisk(error);
      }
      await syncFolder(join(path, '..'));
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

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw explainFullDisk(error);
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A renamed file survives a loss of power only when its folder was synced too. */
async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders; it writes them with the file.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function explainFullDisk(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new AppError(
    'unavailable',
    'The disk of the server is full, so the file was not saved. Free some space and send it again.',
    { retryAfterSeconds: 60, cause: error },
  );
}
