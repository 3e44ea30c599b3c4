import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  createTestEmbeddingModel,
  openGenerationsFixture,
} from '../../../../../test/open-generations-fixture.ts';
import type { JobContext, JobRecord } from '../../../jobs/job-queue.ts';
import type { PassageIndex } from '../../../retrieval/passage-index.ts';
import { BUILD_GENERATION_JOB } from './generation-store.ts';

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

let prepared: { folder: string; ids: number[] };

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wwhd-build-'));
  const fixture = await openGenerationsFixture({ folder, isKept: true });
  const ids = await Promise.all(texts.map((text, number) => fixture.add(`note ${number}`, text)));
  await fixture.close();
  prepared = { folder, ids };
}, 60_000);
afterAll(() => rmSync(prepared.folder, { recursive: true, force: true }));

/** A folder of its own with the same documents. */
function copyFolder(): { folder: string; ids: number[] } {
  const folder = mkdtempSync(join(tmpdir(), 'wwhd-build-'));
  cpSync(prepared.folder, folder, { recursive: true });
  return { folder, ids: prepared.ids };
}

describe('the build job', () => {
  it.each([
    { from: 'where it came to', isBegunAnew: false, leastCrashes: 8 },
    { from: 'the beginning', isBegunAnew: true, leastCrashes: 20 },
  ])(
    'should leave the old index answering wherever it dies, and end whole when it is run again from $from',
    async ({ isBegunAnew, leastCrashes }) => {
      const { folder, ids } = copyFolder();
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
      expect(crashes).toBeGreaterThanOrEqual(leastCrashes);
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
    },
  );

  it('should go on where it was after the server stopped in the middle', async () => {
    const { folder, ids } = copyFolder();
    const model = createTestEmbeddingModel('embed-a');
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    const { promise: opened, resolve: open } = Promise.withResolvers<void>();
    let calls = 0;
    model.beforeAnswer = () => {
      calls += 1;
      if (calls !== 2) return undefined;
      reach();
      return opened;
    };
    const first = await openGenerationsFixture({ folder, embeddingModel: model });
    const jobId = (await first.generations.ensureWanted()) ?? 0;
    await reached;
    const closing = first.close();
    open();
    await closing;
    expect(model.texts).toHaveLength(16);

    const second = await openGenerationsFixture({ folder, embeddingModel: model });
    expect(await second.generations.ensureWanted()).toBe(jobId);
    expect(await second.ended(jobId)).toMatchObject({ status: 'completed', attempts: 1 });
    expect(model.texts).toHaveLength(ids.length);
    expect(new Set(model.texts).size).toBe(ids.length);
    expect(second.generations.active().id).toBe(2);
  });

  it('should say which model is away while it waits for it', async () => {
    const { folder } = copyFolder();
    const model = createTestEmbeddingModel('embed-a');
    const fixture = await openGenerationsFixture({ folder, embeddingModel: model });
    await fixture.generations.ensureWanted();
    await fixture.close();
    const isAway = { id: 'embed-a', current: () => undefined, state: () => 'degraded' as const };
    const restarted = await openGenerationsFixture({
      folder,
      connection: { ...isAway, onOpened: () => {}, close: () => {} },
    });
    await restarted.queue.stop();
    const handler = restarted.generations.handlers[BUILD_GENERATION_JOB];
    const job = await restarted.database
      .selectFrom('jobs')
      .selectAll()
      .where('kind', '=', BUILD_GENERATION_JOB)
      .executeTakeFirstOrThrow();
    const context = {
      signal: new AbortController().signal,
      reportProgress: () => {},
      complete: () => Promise.resolve(),
    };
    await expect(handler?.run({ ...job }, context)).rejects.toMatchObject({ code: 'model_unavailable' });
    const gone = { ...job, payload: JSON.stringify({ generationId: 77, activate: true }) };
    await expect(handler?.run(gone, context)).rejects.toThrow('was discarded');
  });
});
