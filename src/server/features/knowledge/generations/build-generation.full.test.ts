import * as fc from 'fast-check';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';

import { crashEverywhere, prepareNotes } from '../../../../../test/crash-builds.ts';
import {
  createTestEmbeddingModel,
  openGenerationsFixture,
} from '../../../../../test/open-generations-fixture.ts';

describe('the build job', () => {
  it('should end whole after dying at every step of a whole build', async () => {
    const notes = await prepareNotes();
    expect(await crashEverywhere({ ...notes, isBegunAnew: true })).toBeGreaterThanOrEqual(20);
  }, 120_000);

  it('should hold exactly the searchable documents, whatever is added, changed and removed during it', async () => {
    const change = fc.record({
      kind: fc.constantFrom('add', 'change', 'remove'),
      which: fc.nat({ max: 30 }),
      /** After how many embedding calls it happens. */
      at: fc.nat({ max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 8 }), async (changes) => {
        const { folder, ids } = await prepareNotes();
        const model = createTestEmbeddingModel('embed-a');
        const fixture = await openGenerationsFixture({ folder, embeddingModel: model });
        const alive = new Map<number, string>(ids.map((id, number) => [id, `word${number}`]));
        let calls = 0;
        let made = 100;
        model.beforeAnswer = async () => {
          const due = changes.filter(({ at }) => at === calls);
          calls += 1;
          for (const { kind, which } of due) {
            const id = [...alive.keys()][which % Math.max(1, alive.size)];
            made += 1;
            if (kind === 'add') {
              alive.set(await fixture.add(`new ${made}`, `A new note about word${made}.`), `word${made}`);
            } else if (id !== undefined && kind === 'change') {
              await fixture.change(id, `A changed note about word${made}.`);
              alive.set(id, `word${made}`);
            } else if (id !== undefined) {
              await fixture.remove([id]);
              alive.delete(id);
            }
          }
        };
        const jobId = (await fixture.generations.ensureWanted()) ?? 0;
        expect(await fixture.ended(jobId)).toMatchObject({ status: 'completed' });
        calls = Infinity;
        const { id: active, index } = fixture.generations.active();
        expect(active).toBe(2);
        const held = await fixture.database
          .selectFrom('passages as p')
          .innerJoin('documents as d', 'd.id', 'p.documentId')
          .where('p.generationId', '=', active)
          .select(['p.documentId', sql<number>`p.version_id = d.current_version_id`.as('isCurrent')])
          .execute();
        expect(held).toHaveLength(alive.size);
        expect(new Set(held.map((row) => row.documentId))).toEqual(new Set(alive.keys()));
        expect(held.every((row) => row.isCurrent === 1)).toBe(true);
        expect((await index.statistics()).passages).toBe(held.length);
        for (const [id, word] of alive) {
          const found = await index.search({ text: word, namespaces: ['tea'], limit: 5 });
          expect(found.candidates[0]?.documentId).toBe(id);
        }
        expect(fixture.errors).toEqual([]);
        await fixture.close();
      }),
      { numRuns: 12 },
    );
  }, 300_000);
});
