import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { describePassageIndex } from '../../../test/contracts/passage-index.ts';
import { openDatabase } from '../database/open-database.ts';
import { createEmbeddedPassageIndex } from './embedded-passage-index.ts';

const now = () => new Date('2026-11-21T08:00:00Z');

async function openFixture() {
  const folder = await mkdtemp(join(tmpdir(), 'wwhd-index-'));
  const opened = await openDatabase({ path: join(folder, 'app.db'), isServer: false, now });
  const { database } = opened;
  const generation = await database
    .insertInto('indexGenerations')
    .values({
      splitterVersion: 1,
      analyserVersion: 1,
      embeddingModel: null,
      dimension: 4,
      status: 'active',
      createdAt: now().toISOString(),
      activatedAt: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return {
    database,
    generationId: generation.id,
    createIndex: (onMergeError?: (error: unknown) => void) =>
      createEmbeddedPassageIndex({
        database,
        generationId: generation.id,
        dimension: 4,
        now,
        ...(onMergeError === undefined ? {} : { onMergeError }),
      }),
    close: async () => {
      await opened.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describePassageIndex('embedded engine on SQLite', openFixture);

describe('createEmbeddedPassageIndex', () => {
  it('should merge small segments in the background and drop the deletions that it took in', async () => {
    const fixture = await openFixture();
    const mergeErrors: unknown[] = [];
    const index = fixture.createIndex((error) => mergeErrors.push(error));
    await index.open();
    for (let id = 1; id <= 20; id += 1) {
      const staged = await index.stage([
        { id, documentId: id, namespace: 'n', title: '', headingPath: [], text: `bell ${id}` },
      ]);
      await fixture.database
        .transaction()
        .execute((transaction) =>
          index.commit(transaction, { staged, removedPassageIds: id > 1 ? [id - 1] : [] }),
        );
      await index.publish();
    }
    await index.close();
    const segments = await fixture.database.selectFrom('indexSegments').selectAll().execute();
    const tombstones = await fixture.database.selectFrom('indexTombstones').selectAll().execute();
    expect(mergeErrors).toEqual([]);
    expect(segments.length).toBeLessThan(8);
    expect(tombstones.length).toBeLessThan(19);

    const reopened = fixture.createIndex();
    await reopened.open();
    const { candidates } = await reopened.search({ text: 'bell', namespaces: ['n'], limit: 30 });
    expect(candidates.map(({ passageId }) => passageId)).toEqual([20]);
    await reopened.close();
    await fixture.close();
  });

  it('should say how to repair a damaged segment', async () => {
    const fixture = await openFixture();
    const index = fixture.createIndex();
    await index.open();
    const staged = await index.stage([
      { id: 1, documentId: 1, namespace: 'n', title: '', headingPath: [], text: 'one bell' },
    ]);
    const damaged = Uint8Array.from(staged.bytes, (byte, at) => (at === 80 ? byte ^ 1 : byte));
    await fixture.database
      .transaction()
      .execute((transaction) =>
        index.commit(transaction, { staged: { ...staged, bytes: damaged }, removedPassageIds: [] }),
      );
    await expect(index.publish()).rejects.toMatchObject({ code: 'unavailable', message: /wwhd reindex/u });
    await index.close();
    await fixture.close();
  });

  it('should start a stuck worker again and answer from the database', async () => {
    const fixture = await openFixture();
    const patient = fixture.createIndex();
    await patient.open();
    const passages = Array.from({ length: 50 }, (_, at) => ({
      id: at + 1,
      documentId: 1,
      namespace: 'n',
      title: '',
      headingPath: [],
      text: `bell ${at}`,
    }));
    const staged = await patient.stage(passages);
    await fixture.database
      .transaction()
      .execute((transaction) => patient.commit(transaction, { staged, removedPassageIds: [] }));
    await patient.close();

    const hasty = createEmbeddedPassageIndex({
      database: fixture.database,
      generationId: fixture.generationId,
      dimension: 4,
      now,
      searchTimeoutMs: 1,
    });
    await hasty.open();
    // So long a question cannot be read in a millisecond, on any machine.
    const text = 'bell '.repeat(500_000);
    await expect(hasty.search({ text, namespaces: ['n'], limit: 5 })).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(await hasty.statistics()).toMatchObject({ passages: 50 });
    await hasty.close();
    await fixture.close();
  });
});
