import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import { buildPdf } from '../test/build-pdf.ts';
import { ask, type BenchUser, createUser, send, signInAdmin, time } from './client.ts';
import { collectPassages } from './collect-passages.ts';
import { median, quantile, type Report } from './measurement.ts';
import { readProcessorSeconds, type RunningServer, withServer } from './start-server.ts';

const GENERATED_PAGES = 300;
const POLL_MS = 10;
const ASK_EVERY_MS = 200;
const QUIET_MS = 3_000;
const PAGES_BUDGET = 200;
const LOOP_BUDGET_MS = 50;
/** Each upload needs a namespace that does not hold the file yet; the first one also starts the worker. */
const namespaces = ['general', 'meditation', 'money', 'business', 'relationships'];
const bookPath = fileURLToPath(new URL('../../shared/pdfs/freeculture.pdf', import.meta.url));

type Upload = { pages: number; tookMs: number; processorSeconds: number };

/**
 * Uploads a book of some hundred pages through the real route until it is searchable, while a reader asks a question
 * every 200 ms and the server's event loop is watched.
 */
export async function benchIngest(report: Report, pdfPath?: string): Promise<void> {
  const path = pdfPath ?? (existsSync(bookPath) ? bookPath : undefined);
  const bytes = path === undefined ? await generateBook() : new Uint8Array(await readFile(path));
  const bare = await timeBareParsing(bytes);
  await withServer({ isWatched: true }, async (server) => {
    const admin = await signInAdmin(server.origin);
    const reader = await createUser(server.origin);
    await ask(reader, 'How do I begin to meditate?');
    await upload({ server, admin, namespace: 'exercise_martial_arts', bytes });

    const alone: Upload[] = [];
    for (const namespace of namespaces.slice(0, 2))
      alone.push(await upload({ server, admin, namespace, bytes }));

    const quiet = await whileAsking(reader, async () => {
      server.forgetDelays();
      await delay(QUIET_MS);
      return server.readDelays();
    });
    const busy = await whileAsking(reader, async () => {
      server.forgetDelays();
      const uploads: Upload[] = [];
      for (const namespace of namespaces.slice(2))
        uploads.push(await upload({ server, admin, namespace, bytes }));
      return { uploads, delays: await server.readDelays() };
    });

    const { uploads, delays } = busy.result;
    const perSecond = (rows: readonly Upload[]) =>
      median(rows.map(({ pages, tookMs }) => (pages / tookMs) * 1_000));
    const baseline = { value: bare.perSecond, name: 'bare unpdf in a worker' };
    report({
      name: 'PDF ingest, upload to searchable',
      ours: perSecond(alone),
      unit: 'pages/s',
      baseline,
      budget: { limit: PAGES_BUDGET, atLeast: true },
      note: `${bare.pages} pages, ${(bytes.length / 1e6).toFixed(1)} MB, one parsing worker`,
    });
    report({
      name: 'PDF ingest while chatting',
      ours: perSecond(uploads),
      unit: 'pages/s',
      baseline,
      budget: { limit: PAGES_BUDGET, atLeast: true },
      note: `median of ${uploads.length} uploads`,
    });
    report({
      name: 'PDF ingest for each second of processor time, chat included',
      ours: median(uploads.map(({ pages, processorSeconds }) => pages / processorSeconds)),
      unit: 'pages/s',
    });
    report({
      name: 'event-loop delay p99 while ingesting and chatting',
      ours: delays.p99Ms,
      unit: 'ms',
      baseline: { value: quiet.result.p99Ms, name: 'chatting only' },
      budget: { limit: LOOP_BUDGET_MS },
    });
    report({
      name: 'event-loop delay, longest, while ingesting and chatting',
      ours: delays.maxMs,
      unit: 'ms',
      baseline: { value: quiet.result.maxMs, name: 'chatting only' },
    });
    report({
      name: 'extractive turn p50 while ingesting',
      ours: median(busy.turnsMs),
      unit: 'ms',
      baseline: { value: median(quiet.turnsMs), name: 'chatting only' },
      note: `p99 ${quantile(busy.turnsMs, 0.99).toFixed(0)} ms, ${busy.turnsMs.length} questions`,
    });
  });
}

async function upload(options: {
  server: RunningServer;
  admin: BenchUser;
  namespace: string;
  bytes: Uint8Array<ArrayBuffer>;
}): Promise<Upload> {
  const { server, admin, namespace, bytes } = options;
  const form = new FormData();
  form.set('namespace', namespace);
  form.set('file', new Blob([bytes], { type: 'application/pdf' }), 'book.pdf');
  const before = readProcessorSeconds(server.pid) ?? Number.NaN;
  const start = performance.now();
  const response = await send(admin, '/api/v1/documents/upload', { method: 'POST', body: form });
  let document = (await response.json()) as { id: number; status: string };
  while (document.status !== 'indexed') {
    if (document.status !== 'pending' && document.status !== 'processing')
      throw new Error(`The upload failed: ${JSON.stringify(document)}`);
    await delay(POLL_MS);
    const status = await send(admin, `/api/v1/documents/${document.id}/status`);
    document = { ...document, ...((await status.json()) as { status: string }) };
  }
  const tookMs = performance.now() - start;
  const processorSeconds = (readProcessorSeconds(server.pid) ?? Number.NaN) - before;
  const page = await send(admin, `/api/v1/documents/${document.id}/pages/1`);
  const { page_count: pages } = (await page.json()) as { page_count: number };
  return { pages, tookMs, processorSeconds };
}

/** Asks a question every 200 ms, whether or not the one before is answered, until the work is done. */
async function whileAsking<Result>(reader: BenchUser, work: () => Promise<Result>) {
  const turnsMs: number[] = [];
  const asked: Promise<void>[] = [];
  const timer = setInterval(() => {
    asked.push(
      time(() => ask(reader, 'How long should a beginner hold the horse stance?')).then(
        (tookMs) => void turnsMs.push(tookMs),
      ),
    );
  }, ASK_EVERY_MS);
  try {
    const result = await work();
    clearInterval(timer);
    await Promise.all(asked);
    return { result, turnsMs };
  } finally {
    clearInterval(timer);
  }
}

async function timeBareParsing(bytes: Uint8Array): Promise<{ pages: number; perSecond: number }> {
  const worker = new Worker(new URL('./bare-pdf-worker.ts', import.meta.url));
  try {
    const times: number[] = [];
    let pages = 0;
    // The first round compiles.
    for (let round = 0; round < 4; round += 1) {
      const start = performance.now();
      worker.postMessage(bytes, []);
      [pages] = (await once(worker, 'message')) as [number];
      if (round > 0) times.push(performance.now() - start);
    }
    return { pages, perSecond: (pages / median(times)) * 1_000 };
  } finally {
    await worker.terminate();
  }
}

async function generateBook(): Promise<Uint8Array<ArrayBuffer>> {
  const { passages } = await collectPassages({ wanted: GENERATED_PAGES });
  const bytes = await buildPdf((pdf) => {
    for (const [position, { text }] of passages.entries()) {
      if (position > 0) pdf.addPage();
      // The standard fonts hold Latin letters only.
      pdf.fontSize(10).text(text.replaceAll(/[^\n\x20-\x7e]/g, ' '), { height: 480 });
    }
  });
  return new Uint8Array(bytes);
}
