import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ApiError } from '../../shared/client/api-error.ts';
import type { Document } from '../../shared/documents.ts';
import type { ImportItem } from './plan-import.ts';
import { retryPolitely } from './retry-politely.ts';
import { type ImportResult, uploadFiles } from './upload-files.ts';
import { waitForDocuments } from './wait-for-documents.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wwhd-upload-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const busy = (retryAfterSeconds?: number) =>
  new ApiError({ code: 'rate_limited', status: 429, detail: 'Wait.', retryAfterSeconds });
const documentOf = (change: Partial<Document>): Document =>
  ({ id: 1, status: 'indexed', error: null, warnings: [], ...change }) as Document;

function item(name: string): ImportItem {
  writeFileSync(join(folder, name), name);
  return { path: join(folder, name), fileName: name, sizeBytes: name.length, fields: { namespace: 'a' } };
}

function recordWait() {
  const waitsMs: number[] = [];
  return { waitsMs, wait: (delayMs: number) => Promise.resolve(void waitsMs.push(delayMs)) };
}

describe('retryPolitely', () => {
  it('should wait as long as the server asks, else ever longer, and give up in the end', async () => {
    const { waitsMs, wait } = recordWait();
    const answers = [busy(7), busy(), busy()];
    const answer = await retryPolitely(() => {
      const error = answers.shift();
      return error ? Promise.reject(error) : Promise.resolve('done');
    }, wait);
    expect(answer).toBe('done');
    expect(waitsMs).toEqual([7000, 1000, 2000]);
    await expect(retryPolitely(() => Promise.reject(busy(1)), wait)).rejects.toThrow('Wait.');
  });

  it('should not repeat what cannot get better', async () => {
    const { waitsMs, wait } = recordWait();
    const refused = new ApiError({ code: 'forbidden', status: 403, detail: 'No.' });
    await expect(retryPolitely(() => Promise.reject(refused), wait)).rejects.toBe(refused);
    expect(waitsMs).toEqual([]);
  });
});

describe('uploadFiles', () => {
  it('should keep at most so many uploads open, and the order of the files', async () => {
    const items = ['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt'].map(item);
    let open = 0;
    let most = 0;
    const uploaded: string[] = [];
    const results = await uploadFiles({
      client: {
        uploadDocument: async (file) => {
          open += 1;
          most = Math.max(most, open);
          const content = await file.bytes.text();
          open -= 1;
          return documentOf({ id: content.charCodeAt(0) });
        },
      },
      items,
      parallel: 2,
      wait: () => Promise.resolve(),
      onUploaded: ({ fileName }) => uploaded.push(fileName),
    });
    expect(most).toBe(2);
    expect(results.map(({ documentId }) => documentId)).toEqual([97, 98, 99, 100, 101]);
    expect(uploaded.sort()).toEqual(items.map(({ fileName }) => fileName));
  });

  it('should tell indexed, duplicate, waiting and failed apart and go on after a failure', async () => {
    const answers: Record<string, () => Promise<Document>> = {
      'a.txt': () => Promise.resolve(documentOf({})),
      'b.txt': () => Promise.resolve(documentOf({ duplicate: true })),
      'c.txt': () => Promise.resolve(documentOf({ status: 'processing' })),
      'd.txt': () => Promise.resolve(documentOf({ status: 'failed', error: 'No text.' })),
      'e.txt': () => Promise.reject(new ApiError({ code: 'document_empty', status: 422, detail: 'Empty.' })),
    };
    const results = await uploadFiles({
      client: { uploadDocument: (file) => answers[file.name]?.() ?? Promise.reject(new Error(file.name)) },
      items: Object.keys(answers).map(item),
      parallel: 1,
      wait: () => Promise.resolve(),
      onUploaded: () => undefined,
    });
    expect(results.map(({ status, detail }) => [status, detail])).toEqual([
      ['indexed', null],
      ['duplicate', null],
      ['waiting', null],
      ['failed', 'No text.'],
      ['failed', 'Empty.'],
    ]);
  });
});

describe('waitForDocuments', () => {
  it('should list the unfinished documents until none of ours is among them', async () => {
    const states = [
      { pending: [1, 9], processing: [2] },
      { pending: [9], processing: [2] },
      { pending: [9], processing: [] },
    ];
    const final: Record<number, Partial<Document>> = { 1: {}, 2: { status: 'failed', error: 'Damaged.' } };
    let poll = -1;
    const remaining: number[] = [];
    const waiting = (documentId: number): ImportResult => ({
      fileName: `${documentId}.pdf`,
      status: 'waiting',
      documentId,
      detail: null,
    });
    const results = await waitForDocuments({
      client: {
        listDocuments: (query) => {
          const ids = states[poll]?.[query?.status as 'pending' | 'processing'] ?? [];
          return Promise.resolve({ documents: ids.map((id) => documentOf({ id })), total: ids.length });
        },
        getDocument: (id) => Promise.resolve(documentOf({ id, ...final[id] })),
      },
      namespace: 'a',
      results: [waiting(1), { ...waiting(5), status: 'duplicate' }, waiting(2)],
      wait: () => Promise.resolve(void (poll += 1)),
      onProgress: (count) => remaining.push(count),
    });
    expect(remaining).toEqual([2, 2, 1, 0]);
    expect(results.map(({ status, detail }) => [status, detail])).toEqual([
      ['indexed', null],
      ['duplicate', null],
      ['failed', 'Damaged.'],
    ]);
  });
});
