import { setImmediate as nextTick } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

import { loadAnalyser } from './analyse-text.ts';
import { createIndexEngine } from './engine/index-engine.ts';
import { createSegmentBuilder, type SegmentBuilder } from './engine/segment-builder.ts';
import type { IndexOperations, IndexReply, IndexRequest, IndexWorkerSettings } from './index-messages.ts';

const maximumStagings = 32;
/** Passages copied between two looks at waiting searches. */
const mergedAtOnce = 64;

const { language, dimension } = workerData as IndexWorkerSettings;
const analyser = await loadAnalyser(language);
const engine = createIndexEngine({ analyser, dimension });
const stagings = new Map<number, SegmentBuilder>();

type Handlers = {
  [Name in keyof IndexOperations]: (
    request: IndexOperations[Name]['request'],
  ) => IndexOperations[Name]['answer'] | Promise<IndexOperations[Name]['answer']>;
};

function stage({ stagingId, passages, isLast }: IndexOperations['stage']['request']): Uint8Array | undefined {
  let builder = stagings.get(stagingId);
  if (builder === undefined) {
    if (stagings.size >= maximumStagings) throw new Error('Too many documents are being indexed at once.');
    builder = createSegmentBuilder({ analyser, dimension });
    stagings.set(stagingId, builder);
  }
  for (const passage of passages) builder.add(passage);
  if (!isLast) return undefined;
  stagings.delete(stagingId);
  return builder.finish();
}

async function merge({
  segmentIds,
}: IndexOperations['merge']['request']): Promise<IndexOperations['merge']['answer']> {
  const builder = createSegmentBuilder({ analyser, dimension });
  const omittedPassageIds: number[] = [];
  let seen = 0;
  for (const id of segmentIds) {
    const source = engine.readSegment(id);
    if (source === undefined) throw new Error(`Segment ${id} is not loaded.`);
    const { segment, live } = source;
    for (let local = 0; local < segment.passageCount; local += 1) {
      if (live[local] === 1) builder.copy(segment, local);
      else omittedPassageIds.push(segment.passageIds[local] ?? 0);
      seen += 1;
      if (seen % mergedAtOnce === 0) await nextTick();
    }
  }
  return { bytes: builder.finish(), passageCount: builder.passageCount, omittedPassageIds };
}

const handlers: Handlers = {
  apply({ loaded, droppedIds, deletedPassageIds }) {
    engine.markDeleted(deletedPassageIds);
    for (const { id, bytes } of loaded) engine.load(id, bytes);
    engine.drop(droppedIds);
    return undefined;
  },
  search: (query) => engine.search(query),
  stage,
  unstage({ stagingId }) {
    stagings.delete(stagingId);
    return undefined;
  },
  merge,
  listSegments: () => engine.listSegments(),
  statistics: () => engine.statistics(),
};

async function answer(message: IndexRequest): Promise<void> {
  const handler = handlers[message.operation] as (request: unknown) => unknown;
  try {
    const result = (await handler(message.request)) as Extract<IndexReply, { ok: true }>['answer'];
    const reply: IndexReply = { id: message.id, ok: true, answer: result };
    const bytes =
      result instanceof Uint8Array ? result : result && 'bytes' in result ? result.bytes : undefined;
    parentPort?.postMessage(reply, bytes instanceof Uint8Array ? [bytes.buffer as ArrayBuffer] : []);
  } catch (error) {
    const reply: IndexReply = {
      id: message.id,
      ok: false,
      message: error instanceof Error ? error.message : String(error),
    };
    parentPort?.postMessage(reply, []);
  }
}

parentPort?.on('message', (message: IndexRequest) => void answer(message));
