import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'vitest';

import { BUILD_GENERATION_JOB } from '../src/server/features/knowledge/generations/generation-store.ts';
import type { JobContext, JobRecord } from '../src/server/jobs/job-queue.ts';
import type { PassageIndex } from '../src/server/retrieval/passage-index.ts';
import { createTestEmbeddingModel, openGenerationsFixture } from './open-generations-fixture.ts';

const ideas = ['oolong copper', 'sencha kettle', 'matcha whisk', 'mint leaves', 'hibiscus sour'];
/** More than fits in one step, so that a crash can fall between two of them. */
const texts = Array.from(
  { length: 20 },
  (_, number) => `# Note ${number}\n\n${ideas[number % 5]} word${number}`,
);

class Crash extends Error {}

/** Throws at the nth step of a build, before or after the step is done. */
function createCrasher() {
  let steps = 0;
  let crashAt = Infinity;
  const pass = () => {
    steps += 1;
    if (steps === crashAt) throw new Crash(`step ${steps}`);
  };
  const around = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    pass();
    const result = await work();
    pass();
    return result;
  };
  return {
    around,
    arm(at: number) {
      steps = 0;
      crashAt = at;
    },
  };
}

/** A folder with searchable notes, indexed by words; removing it is the caller's. */
export async function prepareNotes(): Promise<{ folder: string; ids: number[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'wwhd-build-'));
  const fixture = await openGenerationsFixture({ folder, isKept: true });
  const ids = await Promise.all(texts.map((text, number) => fixture.add(`note ${number}`, text)));
  await fixture.close();
  return { folder, ids };
}

/**
 * Builds a generation with vectors, and dies at its first step, then at its second, and so on until a run comes to its
 * end; each run goes on where the one before came to, or begins anew. The old index must answer after every death, and
 * the new one must be whole in the end.
 * @returns how often it died
 */
export async function crashEverywhere(options: {
  folder: string;
  ids: readonly number[];
  isBegunAnew: boolean;
}): Promise<number> {
  const { folder, ids, isBegunAnew } = options;
  const crasher = createCrasher();
  const model = createTestEmbeddingModel('embed-a');
  const crashing = {
    ...model,
    embed: (asked: readonly string[], signal: AbortSignal) =>
      crasher.around(() => model.embed(asked, signal)),
  };
  const wrapIndex = (index: PassageIndex): PassageIndex => ({
    ...index,
    open: () => crasher.around(() => index.open()),
    stage: (passages) => crasher.around(() => index.stage(passages)),
    commit: (transaction, change) => crasher.around(() => index.commit(transaction, change)),
    publish: () => crasher.around(() => index.publish()),
    statistics: () => crasher.around(() => index.statistics()),
  });
  const fixture = await openGenerationsFixture({ folder, embeddingModel: crashing, wrapIndex });
  // The queue is stopped, so that the handler is run by hand and dies with nothing to catch it.
  await fixture.queue.stop();
  const jobId = (await fixture.generations.ensureWanted()) ?? 0;
  const handler = fixture.generations.handlers[BUILD_GENERATION_JOB];
  const readJob = (): Promise<JobRecord> =>
    fixture.database.selectFrom('jobs').selectAll().where('id', '=', jobId).executeTakeFirstOrThrow();
  const context: JobContext = {
    signal: new AbortController().signal,
    reportProgress: () => {},
    complete: (transaction) =>
      crasher.around(async () => {
        const values = { status: 'completed' as const, endedAt: new Date().toISOString() };
        await transaction.updateTable('jobs').set(values).where('id', '=', jobId).execute();
      }),
  };
  let crashes = 0;
  for (;;) {
    crasher.arm(crashes + 1);
    const end = await handler?.run(await readJob(), context).then(
      () => 'completed',
      (error: unknown) => error,
    );
    crasher.arm(Infinity);
    if (end === 'completed') break;
    expect(end).toBeInstanceOf(Crash);
    crashes += 1;
    expect(fixture.generations.active().id).toBe(1);
    expect(await fixture.find('hibiscus sour word4')).toContain(ids[4]);
    if (isBegunAnew) {
      await fixture.database.deleteFrom('generationDocuments').where('generationId', '=', 2).execute();
    }
  }
  expect(await readJob()).toMatchObject({ status: 'completed' });
  const { id, index } = fixture.generations.active();
  expect(id).toBe(2);
  const rows = await fixture.database
    .selectFrom('passages')
    .select(['documentId', 'position'])
    .where('generationId', '=', 2)
    .execute();
  expect(new Set(rows.map((row) => row.documentId))).toEqual(new Set(ids));
  expect(rows).toHaveLength(ids.length);
  expect((await index.statistics()).passages).toBe(rows.length);
  for (const [number, documentId] of ids.entries())
    expect(await fixture.find(`note word${number}`)).toContain(documentId);
  return crashes;
}
