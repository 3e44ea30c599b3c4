import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { crashEverywhere, prepareNotes } from '../../../../../test/crash-builds.ts';
import {
  createTestEmbeddingModel,
  openGenerationsFixture,
} from '../../../../../test/open-generations-fixture.ts';
import { BUILD_GENERATION_JOB } from './generation-store.ts';

let prepared: { folder: string; ids: number[] };

beforeAll(async () => {
  prepared = await prepareNotes();
}, 60_000);
afterAll(() => rmSync(prepared.folder, { recursive: true, force: true }));

/** A folder of its own with the same documents. */
function copyFolder(): { folder: string; ids: number[] } {
  const folder = mkdtempSync(join(tmpdir(), 'wwhd-build-'));
  cpSync(prepared.folder, folder, { recursive: true });
  return { folder, ids: prepared.ids };
}

describe('the build job', () => {
  it('should leave the old index answering wherever it dies, and end whole when it is run again', async () => {
    expect(await crashEverywhere({ ...copyFolder(), isBegunAnew: false })).toBeGreaterThanOrEqual(8);
  });

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
