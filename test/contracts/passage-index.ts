import type { Kysely } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Tables } from '../../src/server/database/tables.ts';
import type { IndexablePassage, PassageIndex } from '../../src/server/retrieval/passage-index.ts';

export type PassageIndexFixture = {
  database: Kysely<Tables>;
  /** An index over the fixture's database; two of them are two replicas. `dimension` is 4. */
  createIndex: () => PassageIndex;
  close: () => Promise<void>;
};

const passage = (id: number, text: string, changes: Partial<IndexablePassage> = {}): IndexablePassage => ({
  id,
  documentId: Math.ceil(id / 2),
  namespace: 'meditation',
  title: '',
  headingPath: [],
  text,
  ...changes,
});

/** What every adapter of `PassageIndex` does; run it with a fixture that makes an empty store for each test. */
export function describePassageIndex(name: string, createFixture: () => Promise<PassageIndexFixture>): void {
  describe(`PassageIndex contract: ${name}`, () => {
    let fixture: PassageIndexFixture;
    let index: PassageIndex;

    beforeEach(async () => {
      fixture = await createFixture();
      index = fixture.createIndex();
      await index.open();
    });
    afterEach(async () => {
      await index.close();
      await fixture.close();
    });

    const commit = async (passages: readonly IndexablePassage[], removedPassageIds: number[] = []) => {
      const staged = await index.stage(passages);
      await fixture.database
        .transaction()
        .execute((transaction) => index.commit(transaction, { staged, removedPassageIds }));
    };
    const remove = (...removedPassageIds: number[]) =>
      fixture.database
        .transaction()
        .execute((transaction) => index.commit(transaction, { removedPassageIds }));
    const search = async (text: string, changes: Partial<Parameters<PassageIndex['search']>[0]> = {}) => {
      const result = await index.search({ text, namespaces: ['meditation'], limit: 10, ...changes });
      return result.candidates.map(({ passageId }) => passageId);
    };

    it('should rank the passage that holds all words of the question first', async () => {
      await commit([
        passage(1, 'The breath rises slowly.'),
        passage(2, 'Counting the breath is the first lesson of every beginner.'),
        passage(3, 'Rice is washed three times before it is cooked.'),
      ]);
      await index.publish();
      const { candidates, terms } = await index.search({
        text: 'How do beginners count their breath on Mars?',
        namespaces: ['meditation'],
        limit: 10,
      });
      expect(candidates.map(({ passageId }) => passageId)).toEqual([2, 1]);
      expect(candidates[0]).toMatchObject({ documentId: 1, namespace: 'meditation' });
      expect(candidates[0]?.coverage).toBeGreaterThan(candidates[1]?.coverage ?? 1);
      expect(candidates[0]?.coverage).toBeLessThan(1);
      expect(terms.map(({ isKnown }) => isKnown)).toEqual([true, true, true, false]);
    });

    it('should show nothing before publish and nothing of a rolled-back change', async () => {
      await commit([passage(1, 'Sit like a mountain.')]);
      const staged = await index.stage([passage(2, 'A mountain never hurries.')]);
      const abandoned = fixture.database.transaction().execute(async (transaction) => {
        await index.commit(transaction, { staged, removedPassageIds: [1] });
        throw new Error('rolled back');
      });
      await expect(abandoned).rejects.toThrow('rolled back');
      expect(await search('mountain')).toEqual([]);
      await index.publish();
      expect(await search('mountain')).toEqual([1]);
    });

    it('should never answer from a namespace outside the wall, nor let it change a score', async () => {
      await commit([passage(1, 'The crane stance trains balance.'), passage(2, 'The stance is held.')]);
      await index.publish();
      const query = { text: 'crane stance', namespaces: ['meditation'], limit: 10 };
      const before = await index.search(query);
      await commit([
        passage(3, 'Crane feeding is at ten, crane stance or not.', { namespace: 'zoo' }),
        passage(4, 'A crane is a bird.', { namespace: 'zoo' }),
      ]);
      await index.publish();
      expect(await index.search(query)).toEqual(before);
      expect(await search('crane', { namespaces: [] })).toEqual([]);
      expect(await search('crane', { namespaces: ['zoo', 'meditation'] })).toHaveLength(3);
    });

    it('should favour boosted namespaces without hiding the others', async () => {
      await commit([
        passage(1, 'Tea is poured for the guest first.'),
        passage(2, 'Tea is poured for the guest first.', { namespace: 'general' }),
      ]);
      await index.publish();
      const namespaces = ['meditation', 'general'];
      expect(await search('tea for a guest', { namespaces, boostedNamespaces: ['general'] })).toEqual([2, 1]);
      expect(await search('tea for a guest', { namespaces, boostedNamespaces: ['meditation'] })).toEqual([
        1, 2,
      ]);
    });

    it('should find by title and heading path', async () => {
      await commit([
        passage(1, 'Bring water.', { title: 'Qigong for beginners', headingPath: ['Before class'] }),
        passage(2, 'Bring water and rest.'),
      ]);
      await index.publish();
      expect(await search('qigong')).toEqual([1]);
      expect(await search('class')).toEqual([1]);
    });

    it('should replace a document in one step', async () => {
      await commit([passage(1, 'Old words about patience.')]);
      await index.publish();
      await commit([passage(2, 'New words about patience.')], [1]);
      expect(await search('patience')).toEqual([1]);
      await index.publish();
      expect(await search('patience')).toEqual([2]);
    });

    it('should join words and vectors', async () => {
      await commit([
        passage(1, 'Silence at dawn.', { vector: Float32Array.of(1, 0, 0, 0) }),
        passage(2, 'Noise at noon.', { vector: Float32Array.of(0, 1, 0, 0) }),
        passage(3, 'Nothing in common with it.', { vector: Float32Array.of(0.9, 0.1, 0, 0) }),
      ]);
      await index.publish();
      const vector = Float32Array.of(1, 0, 0, 0);
      const { candidates } = await index.search({
        text: 'dawn',
        vector,
        namespaces: ['meditation'],
        limit: 2,
      });
      expect(candidates.map(({ passageId }) => passageId)).toEqual([1, 3]);
      expect(candidates[0]?.vectorScore).toBeCloseTo(1, 2);
      expect(candidates[0]?.lexicalScore).toBeGreaterThan(0);
      expect(candidates[1]?.lexicalScore).toBeUndefined();
    });

    it('should hold what was committed when it is opened again', async () => {
      await commit([passage(1, 'The gate is open.'), passage(2, 'The gate is closed.')]);
      await remove(2);
      await index.close();
      index = fixture.createIndex();
      await index.open();
      expect(await search('gate')).toEqual([1]);
      expect(await index.statistics()).toMatchObject({ passages: 1 });
    });

    it('should follow what another replica committed', async () => {
      const other = fixture.createIndex();
      await other.open();
      await commit([passage(1, 'One river.'), passage(2, 'Two rivers.')]);
      await remove(1);
      await other.publish();
      const found = await other.search({ text: 'river', namespaces: ['meditation'], limit: 5 });
      expect(found.candidates.map(({ passageId }) => passageId)).toEqual([2]);
      await other.close();
    });

    it('should answer the same after many small changes as after one', async () => {
      for (let id = 1; id <= 40; id += 1) {
        await commit([passage(id, `Lesson ${id} on stillness and the bell number ${id}.`)]);
        if (id % 3 === 0) await remove(id);
        await index.publish();
      }
      const kept = Array.from({ length: 40 }, (_, at) => at + 1).filter((id) => id % 3 !== 0);
      const found = await search('stillness', { limit: 100 });
      expect(found.sort((left, right) => left - right)).toEqual(kept);
      expect(await search('bell 7')).toEqual(expect.arrayContaining([7]));
      expect(await search('bell 9')).not.toContain(9);
      expect((await index.statistics()).passages).toBe(kept.length);
    });

    it('should answer nothing for a question without words', async () => {
      await commit([passage(1, 'Something.')]);
      await index.publish();
      expect(await search('')).toEqual([]);
      expect(await search('?! ...')).toEqual([]);
    });
  });
}
