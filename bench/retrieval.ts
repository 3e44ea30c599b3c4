import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { openDatabase } from '../src/server/database/open-database.ts';
import { createEmbeddedPassageIndex } from '../src/server/retrieval/embedded-passage-index.ts';
import { percentile } from '../src/server/retrieval/evaluate-retrieval.ts';
import type { IndexablePassage, PassageIndex, PassageQuery } from '../src/server/retrieval/passage-index.ts';
import { englishStopWords } from '../src/server/retrieval/stop-words.ts';
import { collectPassages, createRandom, listQuestions } from './collect-passages.ts';

/** Times in milliseconds, sizes in megabytes (10^6). */
export type RetrievalBenchRow = {
  engine: 'embedded lexical' | 'embedded hybrid' | 'fts5 all words' | 'fts5 without stop words';
  passages: number;
  p50_ms: number;
  p99_ms: number;
  eight_p50_ms?: number;
  eight_p99_ms?: number;
  build_ms: number;
  open_ms?: number;
  disk_mb: number;
  /** Resident memory of a fresh process that has opened and searched the index. */
  memory_mb?: number;
  /** Longest time that the event loop stood still while searching. */
  worst_loop_delay_ms?: number;
};

export type RetrievalBench = { natural_passages: number; folders: string[]; rows: RetrievalBenchRow[] };

const run = promisify(execFile);
const defaultSizes = [1_000, 10_000, 100_000];
const stagedAtOnce = 2_000;
const dimension = 384;
const clusters = 200;
const questionCount = 400;
const baselineQuestionCount = 60;
const warmingQuestions = 50;

const mb = (bytes: number) => Math.round(bytes / 1e5) / 10;
const round = (value: number) => Math.round(value * 100) / 100;
const sorted = (values: readonly number[]) => [...values].sort((left, right) => left - right);
const summarise = (times: readonly number[]) => {
  const ordered = sorted(times);
  return { p50: round(percentile(ordered, 0.5)), p99: round(percentile(ordered, 0.99)) };
};

/** Vectors around seeded centres, which is how topics lie in an embedding space. */
function createVectors(): (seed: number) => Float32Array {
  const random = createRandom(11);
  const normal = (from: () => number) => from() + from() + from() + from() - 2;
  const centres = Array.from({ length: clusters }, () =>
    Float32Array.from({ length: dimension }, () => normal(random)),
  );
  return (seed) => {
    const own = createRandom(seed);
    const centre = centres[Math.floor(own() * clusters)] ?? new Float32Array(dimension);
    return centre.map((value) => value + 0.7 * normal(own));
  };
}

async function buildIndex(
  path: string,
  options: { passages: readonly IndexablePassage[]; vectorOf: ((seed: number) => Float32Array) | undefined },
) {
  const { passages, vectorOf } = options;
  const opened = await openDatabase({ path, isServer: false, now: () => new Date() });
  const { database } = opened;
  const generation = await database
    .insertInto('indexGenerations')
    .values({
      splitterVersion: 1,
      analyserVersion: 1,
      embeddingModel: null,
      dimension: vectorOf === undefined ? null : dimension,
      status: 'active',
      createdAt: new Date().toISOString(),
      activatedAt: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const createIndex = () =>
    createEmbeddedPassageIndex({
      database,
      generationId: generation.id,
      dimension: vectorOf === undefined ? 0 : dimension,
    });
  const index = createIndex();
  const start = performance.now();
  await index.open();
  for (let first = 0; first < passages.length; first += stagedAtOnce) {
    const slice = passages.slice(first, first + stagedAtOnce);
    const staged = await index.stage(
      vectorOf === undefined ? slice : slice.map((passage) => ({ ...passage, vector: vectorOf(passage.id) })),
    );
    await database
      .transaction()
      .execute((transaction) => index.commit(transaction, { staged, removedPassageIds: [] }));
  }
  await index.publish();
  const buildMs = performance.now() - start;
  await index.close();
  return { createIndex, generationId: generation.id, buildMs, close: opened.close };
}

async function timeSearches(index: PassageIndex, queries: readonly PassageQuery[]) {
  for (const query of queries.slice(0, warmingQuestions)) await index.search(query);
  const delay = monitorEventLoopDelay({ resolution: 2 });
  delay.enable();
  const single: number[] = [];
  for (const query of queries) {
    const start = performance.now();
    await index.search(query);
    single.push(performance.now() - start);
  }
  const eight: number[] = [];
  let next = 0;
  const ask = async () => {
    for (let query = queries[next++]; query !== undefined; query = queries[next++]) {
      const start = performance.now();
      await index.search(query);
      eight.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: 8 }, ask));
  delay.disable();
  return { single: summarise(single), eight: summarise(eight), worstDelayMs: round(delay.max / 1e6) };
}

async function measureMemory(
  path: string,
  options: { generationId: number; isHybrid: boolean; questions: readonly string[] },
): Promise<number> {
  const script = fileURLToPath(new URL('./measure-index-memory.ts', import.meta.url));
  const { generationId, isHybrid, questions } = options;
  const settings = [path, String(generationId), String(isHybrid ? dimension : 0)];
  const { stdout } = await run(process.execPath, [
    script,
    ...settings,
    ...questions.slice(0, warmingQuestions),
  ]);
  return Number(stdout);
}

async function benchEmbedded(
  folder: string,
  options: { passages: readonly IndexablePassage[]; questions: readonly string[]; isHybrid: boolean },
): Promise<RetrievalBenchRow> {
  const { passages, questions, isHybrid } = options;
  const path = join(folder, `${isHybrid ? 'hybrid' : 'lexical'}-${passages.length}.db`);
  const vectorOf = isHybrid ? createVectors() : undefined;
  const built = await buildIndex(path, { passages, vectorOf });
  const start = performance.now();
  const index = built.createIndex();
  await index.open();
  const openMs = performance.now() - start;
  const queries = questions.map((text, at) => ({
    text,
    namespaces: ['bench'],
    limit: 50,
    ...(vectorOf === undefined ? {} : { vector: vectorOf(1_000_000 + at) }),
  }));
  const times = await timeSearches(index, queries);
  const { bytes } = await index.statistics();
  await index.close();
  await built.close();
  const memoryBytes = await measureMemory(path, { ...built, isHybrid, questions });
  const row: RetrievalBenchRow = {
    engine: isHybrid ? 'embedded hybrid' : 'embedded lexical',
    passages: passages.length,
    p50_ms: times.single.p50,
    p99_ms: times.single.p99,
    eight_p50_ms: times.eight.p50,
    eight_p99_ms: times.eight.p99,
    build_ms: Math.round(built.buildMs),
    open_ms: Math.round(openMs),
    disk_mb: mb(bytes),
    memory_mb: mb(memoryBytes),
    worst_loop_delay_ms: times.worstDelayMs,
  };
  await rm(path, { force: true });
  return row;
}

async function benchFullText(
  folder: string,
  options: { passages: readonly IndexablePassage[]; questions: readonly string[] },
): Promise<RetrievalBenchRow[]> {
  const { passages, questions } = options;
  const path = join(folder, `fts-${passages.length}.db`);
  const database = new DatabaseSync(path);
  const start = performance.now();
  database.exec(
    `create virtual table passages using fts5(title, text, tokenize = 'porter unicode61'); begin;`,
  );
  const insert = database.prepare('insert into passages (rowid, title, text) values (?, ?, ?)');
  for (const { id, title, text } of passages) insert.run(id, title, text);
  database.exec('commit');
  const buildMs = Math.round(performance.now() - start);
  const { size } = await stat(path);
  const select = database.prepare('select rowid from passages where passages match ? order by rank limit 50');
  const time = (keep: (word: string) => boolean) => {
    const times = questions.slice(0, baselineQuestionCount).map((question) => {
      const words = (question.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter(keep);
      const begin = performance.now();
      select.all(words.map((word) => `"${word}"`).join(' OR '));
      return performance.now() - begin;
    });
    return summarise(times);
  };
  const all = time(() => true);
  const without = time((word) => !englishStopWords.has(word));
  database.close();
  await rm(path, { force: true });
  const row = { passages: passages.length, build_ms: buildMs, disk_mb: mb(size) };
  return [
    { engine: 'fts5 all words', ...row, p50_ms: all.p50, p99_ms: all.p99 },
    { engine: 'fts5 without stop words', ...row, p50_ms: without.p50, p99_ms: without.p99 },
  ];
}

/**
 * Measures searching real documentation text at several sizes through the product's index (worker, SQLite file and
 * all), beside plain SQLite FTS5 in the same run. Vectors are synthetic clusters of 384 numbers.
 * @param options.corpusFolder where to read text instead of the documentation that this machine has
 * @param options.report is told each row as it is ready
 */
export async function benchRetrieval(
  options: {
    corpusFolder?: string;
    sizes?: readonly number[];
    report?: (row: RetrievalBenchRow) => void;
  } = {},
): Promise<RetrievalBench> {
  const { sizes = defaultSizes, report = () => undefined, ...source } = options;
  const folder = await mkdtemp(join(tmpdir(), 'wwhd-bench-'));
  const rows: RetrievalBenchRow[] = [];
  const add = (row: RetrievalBenchRow) => {
    rows.push(row);
    report(row);
  };
  try {
    const collected = await collectPassages({ ...source, wanted: Math.max(...sizes) });
    const questions = listQuestions(collected.passages, questionCount);
    for (const size of sizes) {
      const passages = collected.passages.slice(0, size);
      add(await benchEmbedded(folder, { passages, questions, isHybrid: false }));
      add(await benchEmbedded(folder, { passages, questions, isHybrid: true }));
      for (const row of await benchFullText(folder, { passages, questions })) add(row);
    }
    return { natural_passages: collected.naturalCount, folders: collected.folders, rows };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
