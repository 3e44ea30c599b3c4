import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { openTurnStore } from '../../../../test/open-turn-store.ts';
import { branchOf } from './chat-store.ts';

describe('branchOf', () => {
  it('should follow the parents to the first message, in order, and end on any data', () => {
    const rows = fc.uniqueArray(
      fc.record({
        id: fc.integer({ min: 1, max: 30 }),
        parentId: fc.option(fc.integer({ min: 1, max: 30 })),
      }),
      { selector: (row) => row.id },
    );
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 30 }), (messages, headId) => {
        const ids = branchOf(messages, headId).map((message) => message.id);
        expect(ids).toEqual([...new Set(ids)].toSorted((left, right) => left - right));
        expect(ids.length === 0 || ids.at(-1) === headId).toBe(true);
        for (const [position, id] of ids.entries()) {
          if (position === 0) continue;
          expect(messages.find((message) => message.id === id)?.parentId).toBe(ids[position - 1]);
        }
      }),
    );
  });

  it('should be empty without a head', () => {
    expect(branchOf([{ id: 1, parentId: null }], null)).toEqual([]);
  });
});

describe('createChatStore', () => {
  it('should list the own chats, pinned ones first, then the newest, in pages', async () => {
    const { chats, anna, ben, clock } = await openTurnStore();
    const ids: number[] = [];
    for (const title of ['one', 'two', 'three']) {
      clock.advance(1_000);
      ids.push((await chats.insert({ userId: anna, personaId: 'tester', title, isTitleSet: true })).id);
    }
    await chats.insert({ userId: ben, personaId: 'tester', title: 'not hers', isTitleSet: true });
    const [one = 0, two = 0, three = 0] = ids;
    await chats.update(one, { isPinned: 1 });
    const listed = async (page: number, perPage: number) => {
      const found = await chats.list({ userId: anna, page, perPage });
      expect(found.total).toBe(3);
      return found.chats.map((chat) => chat.id);
    };
    expect(await listed(1, 10)).toEqual([one, three, two]);
    expect([...(await listed(1, 2)), ...(await listed(2, 2))]).toEqual([one, three, two]);
    expect(await listed(3, 2)).toEqual([]);
  });

  it('should search titles and words for what was typed, and take no pattern from it', async () => {
    const { chats, turns, start, anna, ben } = await openTurnStore();
    await turns.start({ ...start, title: 'Öfen', question: 'Is 100% of the Élan_tea warm?' });
    const total = async (query: string, userId = anna) =>
      (await chats.list({ userId, query, page: 1, perPage: 10 })).total;
    for (const query of ['Öfen', '100%', 'Élan_tea', 'WARM', 'is 100']) expect(await total(query)).toBe(1);
    for (const query of ['_fen', '100_', 'warm%tea', '\\']) expect(await total(query)).toBe(0);
    expect(await total('warm', ben)).toBe(0);
  });

  it('should remove a chat with everything in it', async () => {
    const { chats, turns, start, database } = await openTurnStore();
    const started = await turns.start({
      ...start,
      idempotency: { route: 'chat', key: 'k', requestHash: 'h' },
    });
    await chats.remove(started.chatId);
    for (const table of ['messages', 'turns', 'turnEvents'] as const)
      expect(await database.selectFrom(table).selectAll().execute()).toEqual([]);
    expect(
      (await turns.start({ ...start, idempotency: { route: 'chat', key: 'k', requestHash: 'h' } })).isNew,
    ).toBe(true);
  });

  it('should keep one rating of a user for an answer, the last one', async () => {
    const { chats, turns, start, anna, database } = await openTurnStore();
    const { turnId } = await turns.start(start);
    const own = { messageId: turnId, userId: anna };
    await chats.putFeedback({ ...own, rating: 'up', reason: null, comment: null });
    await chats.putFeedback({ ...own, rating: 'down', reason: 'wrong', comment: 'No.' });
    const rows = () => database.selectFrom('feedback').select(['rating', 'comment']).execute();
    expect(await rows()).toEqual([{ rating: 'down', comment: 'No.' }]);
    await chats.putFeedback({ ...own, rating: null });
    expect(await rows()).toEqual([]);
  });
});
