import type { Kysely } from 'kysely';

import type { Tables } from '../database/tables.ts';
import { AppError } from '../errors.ts';
import type { IndexOperation, IndexOperations } from './index-messages.ts';
import { type IndexWorkerClient, startIndexWorker } from './index-worker-client.ts';
import type { StemmerLanguage } from './load-stemmer.ts';
import type { PassageIndex, StagedPassages } from './passage-index.ts';
import { planMerge } from './plan-merge.ts';
import { createSegmentStore } from './segment-store.ts';

export type EmbeddedPassageIndexOptions = {
  database: Kysely<Tables>;
  generationId: number;
  /** Length of the passages' vectors; 0 (the default) without an embedding model. */
  dimension?: number;
  /** Whose stemmer reads passages and questions; `english` by default. */
  language?: StemmerLanguage;
  now?: () => Date;
  searchTimeoutMs?: number;
  /** Told what background merging could not do; searching goes on regardless. */
  onMergeError?: (error: unknown) => void;
};

const defaultSearchTimeoutMs = 5_000;
const workTimeoutMs = 60_000;
/** Passages handed to the worker at once, so that searches get their turn in between. */
const stagedAtOnce = 32;

/** Runs asynchronous tasks one after another. */
function createQueue() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(task: () => Promise<T>): Promise<T> => {
    const result = last.then(task, task);
    last = result.catch(() => undefined);
    return result;
  };
}

/**
 * The passage index of one generation that needs nothing but the database: segments are rows of `index_segments`,
 * deletions rows of `index_tombstones`, and a worker thread holds and searches what they say. A worker that dies is
 * started again and reads the database; a search under way is tried once more. Passage ids must never be used twice.
 */
export function createEmbeddedPassageIndex(options: EmbeddedPassageIndexOptions): PassageIndex {
  const { database, generationId, dimension = 0, language = 'english', now = () => new Date() } = options;
  const { searchTimeoutMs = defaultSearchTimeoutMs, onMergeError = () => undefined } = options;
  const store = createSegmentStore({ database, generationId, now });
  const inTurn = createQueue();
  const mergeInTurn = createQueue();
  let client: IndexWorkerClient | undefined;
  let loadedIds = new Set<number>();
  let lastTombstoneId = 0;
  let lastStagingId = 0;
  let isClosed = false;

  /** Reads what was committed since the last time and shows it to searches in one step. */
  const refresh = async (worker: IndexWorkerClient): Promise<void> => {
    const tombstones = await store.listTombstones(lastTombstoneId);
    const storedIds = await store.listSegmentIds();
    const stored = new Set(storedIds);
    const loaded: IndexOperations['apply']['request']['loaded'] = [];
    for (const id of storedIds) {
      if (loadedIds.has(id)) continue;
      const bytes = await store.readSegment(id);
      // Merged away since it was listed: what took its place is on the new list.
      if (bytes === undefined) return refresh(worker);
      loaded.push({ id, bytes });
    }
    const droppedIds = [...loadedIds].filter((id) => !stored.has(id));
    const deletedPassageIds = tombstones.map(({ passageId }) => passageId);
    await worker.request(
      'apply',
      { loaded, droppedIds, deletedPassageIds },
      { timeoutMs: workTimeoutMs, transfer: loaded.map(({ bytes }) => bytes.buffer as ArrayBuffer) },
    );
    loadedIds = stored;
    lastTombstoneId = tombstones.at(-1)?.id ?? lastTombstoneId;
  };

  /** The running worker, started and filled from the database when there is none. */
  const requireWorker = async (): Promise<IndexWorkerClient> => {
    if (client?.isRunning === true) return client;
    return inTurn(async () => {
      if (client?.isRunning === true) return client;
      if (isClosed) throw new AppError('unavailable', 'The search index is closed.');
      const started = startIndexWorker({ language, dimension });
      loadedIds = new Set();
      lastTombstoneId = 0;
      try {
        await refresh(started);
      } catch (error) {
        await started.stop();
        throw error;
      }
      client = started;
      return started;
    });
  };

  const ask = async <Name extends IndexOperation>(
    operation: Name,
    request: IndexOperations[Name]['request'],
  ): Promise<IndexOperations[Name]['answer']> => {
    const timeoutMs = operation === 'search' ? searchTimeoutMs : workTimeoutMs;
    return (await requireWorker()).request(operation, request, { timeoutMs });
  };

  /** Like `ask`, once more with a new worker when the first one died under it. */
  const askAgain = async <Name extends IndexOperation>(
    operation: Name,
    request: IndexOperations[Name]['request'],
  ): Promise<IndexOperations[Name]['answer']> => {
    try {
      return await ask(operation, request);
    } catch (error) {
      if (isClosed || client?.isRunning === true) throw error;
      return ask(operation, request);
    }
  };

  const publish = async () => {
    const worker = await requireWorker();
    await inTurn(() => refresh(worker));
  };

  /** Merges until no plan is left; one run at a time. */
  const maintain = () =>
    mergeInTurn(async () => {
      for (;;) {
        if (isClosed) return;
        const sourceIds = planMerge(await ask('listSegments', undefined));
        if (sourceIds === undefined) return;
        const merged = await ask('merge', { segmentIds: sourceIds });
        const replaced = await store.replaceSegments({ sourceIds, ...merged });
        await publish();
        if (replaced === false) return;
      }
    });

  return {
    async open() {
      await requireWorker();
    },
    search: (query) => askAgain('search', query),
    async stage(passages): Promise<StagedPassages> {
      const stagingId = (lastStagingId += 1);
      const passageIds = passages.map(({ id }) => id);
      let bytes: Uint8Array | undefined;
      // One worker for all slices: another would know nothing of the first ones.
      const worker = await requireWorker();
      const request = { timeoutMs: workTimeoutMs };
      try {
        for (let start = 0; bytes === undefined; start += stagedAtOnce) {
          const slice = passages.slice(start, start + stagedAtOnce);
          const isLast = start + stagedAtOnce >= passages.length;
          bytes = await worker.request('stage', { stagingId, passages: slice, isLast }, request);
        }
      } catch (error) {
        if (worker.isRunning) await worker.request('unstage', { stagingId }, request);
        throw error;
      }
      return { passageIds, bytes };
    },
    async commit(transaction, { staged, removedPassageIds }) {
      await store.insertTombstones(transaction, removedPassageIds);
      if (staged === undefined || staged.passageIds.length === 0) return;
      await store.insertSegment(transaction, { bytes: staged.bytes, passageCount: staged.passageIds.length });
    },
    async publish() {
      await publish();
      maintain().catch((error: unknown) => {
        if (!isClosed) onMergeError(error);
      });
    },
    statistics: () => askAgain('statistics', undefined),
    async close() {
      isClosed = true;
      await inTurn(async () => client?.stop());
      await mergeInTurn(async () => undefined);
    },
  };
}
