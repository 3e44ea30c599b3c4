import { describe, expect, it } from 'vitest';

import { eventOf, openTurnStore } from '../../../../test/open-turn-store.ts';
import type { TurnEventBody } from '../../../shared/turn-events.ts';

const delta = (text: string): TurnEventBody => ({ type: 'answer-delta', text });

async function openRunning() {
  const fixture = await openTurnStore();
  const started = await fixture.turns.start(fixture.start);
  const turn = { ...started, userId: fixture.anna };
  const end = fixture.finishOf(turn);
  const terminal = (sequence: number) => eventOf(turn, sequence, { type: 'turn-end', message: end.message });
  return { ...fixture, started, turn, end, terminal };
}

describe('start', () => {
  it('should store question, answer, first event and title in one step', async () => {
    const { turns, chats, started, anna } = await openRunning();
    const chat = await chats.find(started.chatId, anna);
    expect(chat).toMatchObject({ title: 'Q?', personaId: 'tester', headMessageId: started.turnId });
    expect(await chats.listMessages(started.chatId)).toMatchObject([
      { id: started.questionId, role: 'user', content: 'Q?', status: 'complete', parentId: null },
      {
        id: started.turnId,
        role: 'assistant',
        content: '',
        status: 'generating',
        parentId: started.questionId,
      },
    ]);
    expect(await turns.eventsAfter(started.turnId, 0)).toMatchObject([{ type: 'turn-start', sequence: 1 }]);
  });

  it('should refuse a second turn in a chat while one runs, and leave nothing of it', async () => {
    const { turns, chats, started, start } = await openRunning();
    await expect(turns.start({ ...start, chatId: started.chatId })).rejects.toMatchObject({
      code: 'turn_running',
      status: 409,
    });
    expect(await chats.listMessages(started.chatId)).toHaveLength(2);
  });

  it('should let one of many starts at once into a chat', async () => {
    const { turns, chats, start, anna } = await openTurnStore();
    const chat = await chats.insert({ userId: anna, personaId: 'tester', title: 'T', isTitleSet: true });
    const results = await Promise.allSettled(
      Array.from({ length: 6 }, () => turns.start({ ...start, chatId: chat.id })),
    );
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    expect(await chats.listMessages(chat.id)).toHaveLength(2);
  });

  it("should not find another user's chat, nor a parent of another chat", async () => {
    const { turns, started, start, ben } = await openRunning();
    await expect(turns.start({ ...start, userId: ben, chatId: started.chatId })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(turns.start({ ...start, parentId: started.turnId })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('should attach a repeat with the same key, for a day and for its user alone', async () => {
    const { turns, start, ben, clock } = await openTurnStore();
    const keyed = { ...start, idempotency: { route: 'chat', key: 'k', requestHash: 'h' } };
    const [first, second] = await Promise.all([turns.start(keyed), turns.start(keyed)]);
    expect(first.isNew).toBe(true);
    expect(second).toEqual({ ...first, isNew: false });
    expect((await turns.start({ ...keyed, userId: ben })).turnId).not.toBe(first.turnId);
    await expect(
      turns.start({ ...keyed, idempotency: { ...keyed.idempotency, requestHash: 'other' } }),
    ).rejects.toMatchObject({ code: 'idempotency_mismatch', status: 422 });
    clock.advance(24 * 3_600_000 + 1);
    expect((await turns.start(keyed)).isNew).toBe(true);
  });
});

describe('a running turn', () => {
  it('should end once, with message, usage, receipt and figures of the chat', async () => {
    const { turns, chats, database, end, terminal, started, anna } = await openRunning();
    expect(await turns.finish({ ...end, events: [terminal(2)] })).toBe(true);
    expect(await turns.finish({ ...end, events: [terminal(3)] })).toBe(false);
    expect((await chats.listMessages(started.chatId))[1]).toMatchObject({
      content: 'An answer.',
      status: 'complete',
      responseTimeMs: 4,
    });
    expect(await chats.find(started.chatId, anna)).toMatchObject({ tokensUsed: 8, costMicros: 7 });
    expect(await database.selectFrom('tokenUsage').selectAll().execute()).toMatchObject([
      { userId: anna, messageId: started.turnId, promptTokens: 5, completionTokens: 3, costMicros: 7 },
    ]);
    expect(await turns.findReceipt(started.turnId)).toMatchObject({ question: 'Q?' });
    const events = await turns.eventsAfter(started.turnId, 0);
    expect(events.map((event) => event.type)).toEqual(['turn-start', 'turn-end']);
  });

  it('should take no words after it was taken over', async () => {
    const { turns, storeOf, clock, turn, end, terminal, started } = await openRunning();
    await turns.appendEvents([{ turn, events: [eventOf(turn, 2, delta('kept'))] }]);
    const other = storeOf('second');
    expect(await other.listAbandoned(false)).toEqual([]);
    clock.advance(15_001);
    const [row] = await other.listAbandoned(false);
    expect(row).toMatchObject({ id: started.turnId, fence: 1 });
    if (!row) return;
    const [taken, late] = await Promise.all([other.takeOver(row), storeOf('third').takeOver(row)]);
    expect(taken).toMatchObject({ fence: 2 });
    expect(late).toBeUndefined();

    const events = [eventOf(turn, 3, delta('lost'))];
    expect(await turns.appendEvents([{ turn, events }])).toEqual([turn.turnId]);
    expect(await turns.finish({ ...end, events: [terminal(3)] })).toBe(false);
    expect(await turns.renewLeases([turn.turnId])).toEqual([]);
    const stored = await turns.eventsAfter(turn.turnId, 1);
    expect(stored).toMatchObject([{ type: 'answer-delta', text: 'kept' }]);
  });

  it('should be left by a process that is alone on the data whatever its lease', async () => {
    const { turns, storeOf, started } = await openRunning();
    expect(await turns.listAbandoned(true)).toEqual([]);
    expect(await storeOf('second').listAbandoned(true)).toMatchObject([{ id: started.turnId }]);
  });

  it('should hear of a stop with its next lease, and not after its end', async () => {
    const { turns, storeOf, turn, end, terminal } = await openRunning();
    expect(await turns.renewLeases([turn.turnId])).toEqual([]);
    expect(await storeOf('second').requestStop(turn.turnId)).toBe(true);
    expect(await turns.renewLeases([turn.turnId])).toEqual([turn.turnId]);
    await turns.finish({ ...end, events: [terminal(2)] });
    expect(await turns.requestStop(turn.turnId)).toBe(false);
    expect(await turns.countRunning()).toBe(0);
  });

  it('should lose its events a day after its end, and keep its message', async () => {
    const { turns, chats, clock, end, terminal, started } = await openRunning();
    await turns.finish({ ...end, events: [terminal(2)] });
    expect(await turns.purgeEvents(clock.now())).toBe(0);
    clock.advance(1);
    expect(await turns.purgeEvents(clock.now())).toBe(2);
    expect((await chats.listMessages(started.chatId))[1]).toMatchObject({ content: 'An answer.' });
  });
});
