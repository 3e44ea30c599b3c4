import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';

import {
  createTestEmbeddingModel,
  type GenerationsFixture,
  openGenerationsFixture,
} from '../../../../../test/open-generations-fixture.ts';
import type { EmbeddingConnection } from '../../../models/connect-embedding-model.ts';
import type { EmbeddingModel } from '../../../models/embedding-model.ts';

const oolong = '# Oolong\n\nWarm the copper teapot before the oolong goes in, and pour away the first water.';
const sencha = '# Sencha\n\nSencha turns bitter in boiling water; let the kettle cool for six minutes.';
const matcha = '# Matcha\n\nSift the matcha and whisk it with a bamboo whisk until it foams.';

/** Starts what the setup asks for and waits for its end. */
async function settle({ generations, ended }: GenerationsFixture) {
  const jobId = await generations.ensureWanted();
  return jobId === undefined ? undefined : ended(jobId);
}

/** Checks that the active generation holds exactly the searchable documents: rows, notes and index agree. */
async function expectWhole({ generations, database }: GenerationsFixture) {
  const { id, index } = generations.active();
  const { count } = await database
    .selectFrom('passages')
    .where('generationId', '=', id)
    .select(sql<number>`count(*)`.as('count'))
    .executeTakeFirstOrThrow();
  expect((await index.statistics()).passages).toBe(count);
  const shown = (await generations.list()).find((generation) => generation.id === id);
  expect(shown).toMatchObject({ status: 'active', passages: count, pending: 0 });
  expect(shown?.documents).toBe(shown?.searchable);
}

/** A promise and the way to keep it waiting. */
function createGate() {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  return { opened, open, reached, reach };
}

function createLateConnection(model: EmbeddingModel) {
  let isOpen = false;
  const connection: EmbeddingConnection = {
    id: model.id,
    current: () => (isOpen ? model : undefined),
    state: () => (isOpen ? 'operational' : 'degraded'),
    onOpened: () => {},
    close: () => {},
  };
  return { connection, setOpen: (value: boolean) => (isOpen = value) };
}

describe('openGenerations', () => {
  it('should do nothing while the index is what the configuration asks for', async () => {
    const fixture = await openGenerationsFixture();
    await fixture.add('oolong', oolong);
    expect(await settle(fixture)).toBeUndefined();
    expect(await fixture.statuses()).toEqual(['1 active']);
    await expectWhole(fixture);
  });

  it('should build anew beside an index of an older splitter and keep the old one for a way back', async () => {
    const fixture = await openGenerationsFixture();
    const documentId = await fixture.add('oolong', oolong);
    await fixture.age(1);
    await fixture.close();
    const updated = await openGenerationsFixture({ folder: fixture.folder });
    expect(await updated.find('copper teapot')).toEqual([documentId]);
    expect(await settle(updated)).toMatchObject({ status: 'completed', progress: 1 });
    expect(await updated.statuses()).toEqual(['1 retired', '2 active']);
    expect(await updated.find('copper teapot')).toEqual([documentId]);
    await expectWhole(updated);
    expect(await settle(updated)).toBeUndefined();
  });

  it('should answer from the old index while a new one is built, and take in what changes meanwhile', async () => {
    const before = await openGenerationsFixture();
    const kept = await before.add('oolong', oolong);
    const changed = await before.add('sencha', sencha);
    const removed = await before.add('matcha', matcha);
    await before.close();

    const model = createTestEmbeddingModel('embed-a');
    const fixture = await openGenerationsFixture({ folder: before.folder, embeddingModel: model });
    const gate = createGate();
    model.beforeAnswer = () => (gate.reach(), gate.opened);
    const jobId = await fixture.generations.ensureWanted();
    await gate.reached;
    expect(await fixture.find('bamboo whisk')).toEqual([removed]);
    const added = await fixture.add('mint', '# Mint\n\nFresh peppermint leaves need ten minutes in the pot.');
    await fixture.change(changed, '# Sencha\n\nFukamushi leaves are steamed for longer than asamushi.');
    await fixture.remove([removed]);
    expect(await fixture.find('peppermint')).toEqual([added]);
    expect(await fixture.find('fukamushi')).toEqual([changed]);
    expect(await fixture.find('bamboo whisk')).not.toContain(removed);
    expect(await fixture.statuses()).toEqual(['1 active', '2 building']);
    expect((await fixture.generations.list())[0]).toMatchObject({ jobId, embeddingModel: 'embed-a' });
    gate.open();
    expect(await fixture.ended(jobId ?? 0)).toMatchObject({ status: 'completed' });

    expect(fixture.generations.active()).toMatchObject({ id: 2, embeddingModel: model });
    await expectWhole(fixture);
    expect(await fixture.find('copper teapot')).toContain(kept);
    expect(await fixture.find('peppermint')).toContain(added);
    expect(await fixture.find('fukamushi')).toContain(changed);
    expect(await fixture.find('kettle cool six minutes boiling')).not.toContain(removed);
    expect(fixture.errors).toEqual([]);
  });

  it('should not switch past a document that came during the check', async () => {
    const before = await openGenerationsFixture();
    await before.add('oolong', oolong);
    await before.age(1);
    await before.close();
    let late: number | undefined;
    const fixture = await openGenerationsFixture({
      folder: before.folder,
      judge: async () => {
        late ??= await fixture.add('matcha', matcha);
        return undefined;
      },
    });
    expect(await settle(fixture)).toMatchObject({ status: 'completed' });
    expect(await fixture.find('bamboo whisk')).toEqual([late]);
    await expectWhole(fixture);
  });

  it('should keep the old index when the judge refuses the new one', async () => {
    const before = await openGenerationsFixture();
    const documentId = await before.add('oolong', oolong);
    await before.age(1);
    await before.close();
    const fixture = await openGenerationsFixture({
      folder: before.folder,
      judge: () => Promise.resolve('2 golden questions lost their source.'),
    });
    const job = await settle(fixture);
    expect(job).toMatchObject({ status: 'failed', error: expect.stringContaining('golden questions') });
    expect(await fixture.statuses()).toEqual(['1 active']);
    expect(await fixture.find('copper teapot')).toEqual([documentId]);
    expect(await settle(fixture)).toBeUndefined();
  });

  it('should go back to a retired index, brought up to date, and stay there after a restart', async () => {
    const model = createTestEmbeddingModel('embed-a');
    const before = await openGenerationsFixture();
    await before.add('oolong', oolong);
    await before.close();
    const fixture = await openGenerationsFixture({ folder: before.folder, embeddingModel: model });
    await settle(fixture);
    const added = await fixture.add('matcha', matcha);
    const jobId = await fixture.generations.activate(1, null);
    expect(await fixture.ended(jobId)).toMatchObject({ status: 'completed' });
    expect(await fixture.statuses()).toEqual(['1 active', '2 retired']);
    expect(fixture.generations.active().embeddingModel).toBeUndefined();
    expect(await fixture.find('bamboo whisk')).toEqual([added]);
    await expectWhole(fixture);
    expect(await settle(fixture)).toBeUndefined();
    await fixture.close();

    const restarted = await openGenerationsFixture({ folder: before.folder, embeddingModel: model });
    expect(await settle(restarted)).toBeUndefined();
    expect(restarted.generations.active().id).toBe(1);
    const again = await restarted.generations.activate(2, null);
    expect(await restarted.ended(again)).toMatchObject({ status: 'completed' });
    await expectWhole(restarted);
    await expect(restarted.generations.activate(2, null)).rejects.toMatchObject({ code: 'conflict' });
    await expect(restarted.generations.activate(99, null)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('should go to words and come back without embedding again what it has vectors of', async () => {
    const model = createTestEmbeddingModel('embed-a');
    const first = await openGenerationsFixture({ embeddingModel: model });
    await first.add('oolong', oolong);
    await first.add('sencha', sencha);
    await first.close();

    const wordsOnly = await openGenerationsFixture({ folder: first.folder });
    expect(wordsOnly.generations.active()).toMatchObject({ id: 1, embeddingModel: undefined });
    expect(await settle(wordsOnly)).toMatchObject({ status: 'completed' });
    expect(wordsOnly.generations.active()).toMatchObject({ id: 2, needsVectors: false });
    const added = await wordsOnly.add('matcha', matcha);
    await expect(wordsOnly.generations.activate(1, null)).rejects.toThrow('MODEL_EMBED=embed-a');
    await wordsOnly.close();

    const texts = model.texts.length;
    const again = await openGenerationsFixture({ folder: first.folder, embeddingModel: model });
    expect(await settle(again)).toMatchObject({ status: 'completed' });
    expect(again.generations.active()).toMatchObject({ id: 1, embeddingModel: model });
    expect(model.texts.slice(texts)).toHaveLength(1);
    expect(await again.find('bamboo whisk')).toContain(added);
    await expectWhole(again);
  });

  it('should answer by words from the index of another model until that of the new one is complete', async () => {
    const first = await openGenerationsFixture({ embeddingModel: createTestEmbeddingModel('embed-a') });
    const documentId = await first.add('oolong', oolong);
    await first.close();
    const wider = createTestEmbeddingModel('embed-a', 24);
    const fixture = await openGenerationsFixture({ folder: first.folder, embeddingModel: wider });
    expect(fixture.generations.active()).toMatchObject({ id: 1, embeddingModel: undefined });
    expect(await fixture.find('copper teapot')).toEqual([documentId]);
    const added = await fixture.add('matcha', matcha);
    expect(await settle(fixture)).toMatchObject({ status: 'completed' });
    expect(fixture.generations.active().embeddingModel).toBe(wider);
    expect(await fixture.find('bamboo whisk')).toContain(added);
    await expectWhole(fixture);
  });

  it('should start by words while the endpoint is away, and give the vectors later', async () => {
    const model = createTestEmbeddingModel('embed-a');
    const { connection, setOpen } = createLateConnection(model);
    const fixture = await openGenerationsFixture({ connection });
    const oolongId = await fixture.add('oolong', oolong);
    expect(await settle(fixture)).toBeUndefined();
    await expect(fixture.generations.rebuild({ activate: true, createdBy: null })).rejects.toMatchObject({
      code: 'model_unavailable',
    });
    setOpen(true);
    expect(await settle(fixture)).toMatchObject({ status: 'completed' });
    expect(fixture.generations.active().embeddingModel).toBe(model);
    await fixture.close();

    setOpen(false);
    const restarted = await openGenerationsFixture({ folder: fixture.folder, connection });
    expect(restarted.generations.active()).toMatchObject({ id: 2, embeddingModel: undefined });
    expect(await restarted.find('copper teapot')).toEqual([oolongId]);
    const added = await restarted.add('matcha', matcha);
    expect(await restarted.find('bamboo whisk')).toEqual([added]);
    expect(await settle(restarted)).toBeUndefined();
    setOpen(true);
    expect(await settle(restarted)).toMatchObject({ status: 'completed' });
    const missing = restarted.database.selectFrom('passages').where('generationId', '=', 2);
    expect(await missing.where('vector', 'is', null).selectAll().execute()).toEqual([]);
    expect(restarted.generations.active().id).toBe(2);
    await expectWhole(restarted);
  });

  it('should give a canceled build up for good until somebody asks for it', async () => {
    const before = await openGenerationsFixture();
    await before.add('oolong', oolong);
    await before.close();
    const model = createTestEmbeddingModel('embed-a');
    const fixture = await openGenerationsFixture({ folder: before.folder, embeddingModel: model });
    const gate = createGate();
    model.beforeAnswer = () => (gate.reach(), gate.opened);
    const jobId = (await fixture.generations.ensureWanted()) ?? 0;
    await gate.reached;
    await expect(fixture.generations.rebuild({ activate: true, createdBy: null })).rejects.toMatchObject({
      code: 'conflict',
    });
    await fixture.queue.cancel(jobId);
    gate.open();
    expect(await fixture.ended(jobId)).toMatchObject({ status: 'canceled' });
    expect(await fixture.statuses()).toEqual(['1 active']);
    expect(await settle(fixture)).toBeUndefined();
    const rebuilt = await fixture.generations.rebuild({ activate: false, createdBy: null });
    expect(await fixture.ended(rebuilt)).toMatchObject({ status: 'completed' });
    expect((await fixture.statuses()).at(-1)).toMatch(/ready$/);
    expect(fixture.generations.active().id).toBe(1);
  });

  it('should remove all that generations before the last one held', async () => {
    const fixture = await openGenerationsFixture();
    await fixture.add('oolong', oolong);
    for (let round = 0; round < 2; round += 1) {
      const rebuilt = await fixture.generations.rebuild({ activate: true, createdBy: null });
      expect(await fixture.ended(rebuilt)).toMatchObject({ status: 'completed' });
    }
    expect(await fixture.statuses()).toEqual(['2 retired', '3 active']);
    const removal = await fixture.database
      .selectFrom('jobs')
      .select('id')
      .where('kind', '=', 'remove-generation')
      .executeTakeFirstOrThrow();
    expect(await fixture.ended(removal.id)).toMatchObject({ status: 'completed' });
    for (const table of ['passages', 'indexSegments', 'indexTombstones', 'generationDocuments'] as const) {
      const rows = fixture.database.selectFrom(table).select('generationId').where('generationId', '=', 1);
      expect(await rows.execute()).toEqual([]);
    }
    expect(await fixture.generations.list()).toHaveLength(2);
    expect(await fixture.find('copper teapot')).toHaveLength(1);
  });

  it('should keep every version readable whatever becomes of its passages', async () => {
    const fixture = await openGenerationsFixture();
    const documentId = await fixture.add('oolong', oolong);
    await fixture.change(documentId, sencha);
    const rebuilt = await fixture.generations.rebuild({ activate: true, createdBy: null });
    await fixture.ended(rebuilt);
    const old = await fixture.versions.read(documentId, 1);
    expect(old).toMatchObject({ version: 1, is_current: false, pages: [] });
    expect(old.text).toContain('copper teapot');
    const [passage] = await fixture.versions.splitAgain(documentId, 1);
    expect(passage?.text).toBe(old.text.slice(passage?.locator.start, passage?.locator.end));
    expect(passage?.id).toBeLessThan(0);
    expect(await fixture.versions.read(documentId, 2)).toMatchObject({ is_current: true });
    await expect(fixture.versions.read(documentId, 3)).rejects.toMatchObject({ code: 'not_found' });
    await fixture.remove([documentId]);
    await expect(fixture.versions.read(documentId, 1)).rejects.toMatchObject({ code: 'not_found' });
  });
});
