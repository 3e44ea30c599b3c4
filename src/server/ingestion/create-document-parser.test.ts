import { afterEach, describe, expect, it, vi } from 'vitest';

import { buildPdf } from '../../../test/build-pdf.ts';
import {
  createDocumentParser,
  type DocumentParser,
  type DocumentParserOptions,
} from './create-document-parser.ts';

const bytes = new TextEncoder().encode('Some words.');
const opened: DocumentParser[] = [];

/** A parser whose worker does what the file's name says: answer with a count, hang, eat memory, die or keep silent. */
function misbehavingParser(options: DocumentParserOptions = {}): DocumentParser {
  const code = `
    import { parentPort } from 'node:worker_threads';
    let count = 0;
    const kept = [];
    parentPort.on('message', ({ fileName }) => {
      count += 1;
      if (fileName === 'hang') for (;;);
      if (fileName === 'buffers') for (;;) kept.push(new Uint8Array(1e6).fill(1));
      if (fileName === 'objects') for (;;) kept.push({ text: String(kept.length).repeat(10) });
      if (fileName === 'exit') process.exit(3);
      if (fileName === 'throw') throw new Error('broken');
      if (fileName === 'bug') return parentPort.postMessage({ type: 'failed', message: 'TypeError: x' });
      if (fileName === 'silent') return parentPort.postMessage({ type: 'progress', pagesDone: 1, pageCount: 9 });
      parentPort.postMessage({ type: 'parsed', document: { format: 'text', text: String(count), blocks: [], warnings: [] } });
    });`;
  const workerUrl = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  const parser = createDocumentParser({ workerUrl, ...options });
  opened.push(parser);
  return parser;
}

afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(opened.splice(0).map((parser) => parser.close()));
});

describe('createDocumentParser', () => {
  it('should parse in the real worker with progress and problems', async () => {
    const parser = createDocumentParser();
    opened.push(parser);
    const pdf = await buildPdf((document) => document.text('One.').addPage().text('Two.'));
    const onProgress = vi.fn();
    await expect(parser.parse({ bytes: pdf, fileName: 'a.pdf', onProgress })).resolves.toMatchObject({
      pageCount: 2,
      format: 'pdf',
    });
    expect(onProgress.mock.calls.map(([progress]) => progress as unknown)).toEqual([
      { pagesDone: 1, pageCount: 2 },
      { pagesDone: 2, pageCount: 2 },
    ]);
    await expect(parser.parse({ bytes, fileName: 'a.pdf' })).rejects.toMatchObject({
      name: 'DocumentProblem',
      code: 'document_type_mismatch',
    });
    expect(pdf.byteLength).toBeGreaterThan(0);
  });

  it.each([
    ['hang', { timeoutMs: 300 }, /longer than the limit of 0\.3 s/],
    ['buffers', { memoryMb: 96 }, /more memory than the limit of 96 MB/],
    ['objects', { memoryMb: 64 }, /more memory than the limit of 64 MB/],
    ['exit', {}, /The parser stopped/],
    ['throw', {}, /The parser stopped/],
  ])('should end a parse that would %s and go on with the next', async (fileName, options, message) => {
    const parser = misbehavingParser(options);
    await expect(parser.parse({ bytes, fileName })).rejects.toMatchObject({
      code: 'document_too_complex',
      message: expect.stringMatching(message),
    });
    await expect(parser.parse({ bytes, fileName: 'fine' })).resolves.toMatchObject({ text: '1' });
  });

  it('should turn a bug of a parser into a problem with its cause and keep the worker', async () => {
    const parser = misbehavingParser();
    await expect(parser.parse({ bytes, fileName: 'bug' })).rejects.toMatchObject({
      code: 'document_unreadable',
      cause: expect.objectContaining({ message: 'TypeError: x' }),
    });
    await expect(parser.parse({ bytes, fileName: 'fine' })).resolves.toMatchObject({ text: '2' });
  });

  it('should keep the worker warm, and release it when it has been idle', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const parser = misbehavingParser({ idleTimeoutMs: 5000 });
    const count = async (): Promise<string> => (await parser.parse({ bytes, fileName: 'fine' })).text;
    expect(await count()).toBe('1');
    vi.advanceTimersByTime(4999);
    expect(await count()).toBe('2');
    vi.advanceTimersByTime(5000);
    expect(await count()).toBe('1');
  });

  it('should refuse more than the queue holds', async () => {
    const parser = misbehavingParser({ maximumQueued: 1 });
    const running = parser.parse({ bytes, fileName: 'silent' });
    const queued = parser.parse({ bytes, fileName: 'fine' });
    await expect(parser.parse({ bytes, fileName: 'fine' })).rejects.toMatchObject({ code: 'overloaded' });
    const ends = Promise.allSettled([running, queued]);
    await parser.close();
    expect((await ends).map((end) => (end as PromiseRejectedResult).reason as unknown)).toEqual([
      expect.objectContaining({ code: 'unavailable' }),
      expect.objectContaining({ code: 'unavailable' }),
    ]);
    await expect(parser.parse({ bytes, fileName: 'fine' })).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('should run as many parses at once as it may', async () => {
    const parser = misbehavingParser({ concurrency: 2 });
    const first = parser.parse({ bytes, fileName: 'silent' }).catch((error: unknown) => error);
    await expect(parser.parse({ bytes, fileName: 'fine' })).resolves.toMatchObject({ text: '1' });
    await parser.close();
    await expect(first).resolves.toMatchObject({ code: 'unavailable' });
  });

  it('should stop on a signal, running or waiting', async () => {
    const parser = misbehavingParser();
    const controller = new AbortController();
    const reason = new Error('left');
    const started = new Promise<void>((resolve) => {
      const running = parser.parse({
        bytes,
        fileName: 'silent',
        signal: controller.signal,
        onProgress: () => resolve(),
      });
      const waiting = parser.parse({ bytes, fileName: 'fine', signal: controller.signal });
      void Promise.allSettled([running, waiting]);
      ends.push(running, waiting);
    });
    await started;
    controller.abort(reason);
    const settled = await Promise.allSettled(ends);
    expect(settled.map((end) => (end as PromiseRejectedResult).reason as unknown)).toEqual([reason, reason]);
    await expect(parser.parse({ bytes, fileName: 'fine', signal: controller.signal })).rejects.toBe(reason);
    await expect(parser.parse({ bytes, fileName: 'fine' })).resolves.toMatchObject({ text: '1' });
  });

  const ends: Promise<unknown>[] = [];
});
