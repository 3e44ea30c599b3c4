import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createGate } from '../../../../test/create-gate.ts';
import { buildOutcome, openTurnStore } from '../../../../test/open-turn-store.ts';
import { isTerminal, type TurnEvent } from '../../../shared/turn-events.ts';
import { AppError } from '../../errors.ts';
import type { Persona } from '../../pipeline/persona.ts';
import type { TurnInput, TurnStream } from '../../pipeline/turn.ts';
import { createTurnRunner } from './turn-runner.ts';

const persona = { id: 'tester', version: 'v' } as Persona;
const never = new AbortController().signal;
const words = ['one ', 'two ', 'three ', 'four '];
/** Lets everything run that waits for no timer and no gate. */
const settle = async () => {
  for (let round = 0; round < 20; round += 1) await new Promise((resolve) => setImmediate(resolve));
};

type Fixture = Awaited<ReturnType<typeof openTurnStore>>;

/** A server on the shared database: its turns say one word each time that `speak` is called. */
function openServer(fixture: Fixture, name: string, isFailing: () => boolean) {
  let next = createGate();
  const store = fixture.storeOf(name);
  async function* runTurn(input: TurnInput): TurnStream {
    let content = '';
    for (const text of words) {
      await Promise.race([
        next.opened,
        new Promise<void>((resolve) =>
          input.signal.addEventListener('abort', () => resolve(), { once: true }),
        ),
      ]);
      if (input.signal.aborted)
        return buildOutcome({
          status: input.signal.reason === 'stopped' ? 'stopped' : 'interrupted',
          content,
        });
      content += text;
      yield { type: 'answer-delta', text };
    }
    return buildOutcome({ content });
  }
  const guarded = <Arguments extends unknown[], Result>(write: (...values: Arguments) => Promise<Result>) => {
    return async (...values: Arguments) => {
      if (isFailing()) throw new AppError('unavailable', 'The disk is full.');
      return write(...values);
    };
  };
  const runner = createTurnRunner({
    store: { ...store, appendEvents: guarded(store.appendEvents), finish: guarded(store.finish) },
    runTurn,
    now: fixture.clock.now,
    maximumTurns: 100,
    flushMs: 0,
    renewMs: 1_000_000,
    followMs: 0,
    finishMs: 0,
    onError: () => undefined,
  });
  return {
    runner,
    store,
    speak() {
      const { open } = next;
      next = createGate();
      open();
    },
  };
}

const action = fc.oneof(
  fc.record({ type: fc.constantFrom('speak', 'reap', 'stop'), server: fc.nat({ max: 1 }) }),
  fc.record({
    type: fc.constantFrom('ask', 'ask-again', 'edit', 'delete', 'follow'),
    server: fc.nat({ max: 1 }),
  }),
  fc.record({
    type: fc.constantFrom('later', 'clock-back', 'disk-full', 'disk-free'),
    server: fc.nat({ max: 1 }),
  }),
);

describe('turns of two servers on one database', () => {
  it('should each have one end, whole sequences and the text that their events tell, whatever happens when', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 3, maxLength: 25 }), async (actions) => {
        const fixture = await openTurnStore();
        let isFull = false;
        const servers = ['first', 'second'].map((name) => openServer(fixture, name, () => isFull));
        const chat = await fixture.chats.insert({
          userId: fixture.anna,
          personaId: 'tester',
          title: 'c',
          isTitleSet: true,
        });
        let chatId = chat.id;
        const read: { turnId: number; events: TurnEvent[] }[] = [];
        const readings: Promise<void>[] = [];
        const turnIds: number[] = [];
        const ask = async (server: (typeof servers)[number], more: { key?: string; parentId?: null }) => {
          await server.runner.takePlace();
          try {
            const started = await server.store.start({
              ...fixture.start,
              chatId,
              ...(more.parentId === undefined ? {} : { parentId: more.parentId }),
              ...(more.key ? { idempotency: { route: 'chat', key: more.key, requestHash: 'h' } } : {}),
            });
            if (!started.isNew) return server.runner.leavePlace();
            turnIds.push(started.turnId);
            const input = { userId: fixture.anna, persona, question: 'Q?', history: [], namespaces: [] };
            server.runner.launch(started, input);
          } catch (error) {
            server.runner.leavePlace();
            if (!(error instanceof AppError) || !['turn_running', 'not_found'].includes(error.code))
              throw error;
          }
        };
        for (const { type, server: position } of actions) {
          const server = servers[position] ?? servers[0];
          if (!server) throw new Error('There is a server.');
          const turnId = turnIds.at(-1) ?? 0;
          if (type === 'speak') server.speak();
          else if (type === 'reap') await server.runner.reap(false).catch(() => 0);
          else if (type === 'stop') await server.runner.stop(turnId);
          else if (type === 'ask') await ask(server, {});
          else if (type === 'ask-again')
            await Promise.all([ask(server, { key: 'k' }), ask(server, { key: 'k' })]);
          else if (type === 'edit') await ask(server, { parentId: null });
          else if (type === 'follow' && turnId > 0) {
            const reading = { turnId, events: [] as TurnEvent[] };
            read.push(reading);
            readings.push(
              (async () => {
                for await (const event of server.runner.follow(turnId, 0, never)) reading.events.push(event);
              })(),
            );
          } else if (type === 'delete') {
            await fixture.chats.remove(chatId);
            chatId = (
              await fixture.chats.insert({
                userId: fixture.anna,
                personaId: 'tester',
                title: 'c',
                isTitleSet: true,
              })
            ).id;
          } else if (type === 'later') fixture.clock.advance(8_000);
          else if (type === 'clock-back') fixture.clock.advance(-3_600_000);
          else if (type === 'disk-full') isFull = true;
          else if (type === 'disk-free') isFull = false;
          await settle();
        }
        isFull = false;
        for (const { runner } of servers) await runner.shutDown(0);
        // Whatever was given up or left behind is ended in the rounds of the reaper that follow.
        for (let round = 0; round < 6; round += 1) {
          fixture.clock.advance(5_000);
          for (const { runner } of servers) await runner.reap(false);
        }
        await Promise.all(readings);
        await expectWhole(fixture, turnIds, read);
      }),
      { numRuns: Number(process.env['WWHD_RACES'] ?? 40) },
    );
  });
});

async function expectWhole(
  fixture: Fixture,
  turnIds: readonly number[],
  read: readonly { turnId: number; events: TurnEvent[] }[],
): Promise<void> {
  for (const id of turnIds) {
    const turn = await fixture.turns.find(id);
    const seen = read.filter(({ turnId }) => turnId === id);
    // Its chat was deleted, and it with it.
    if (!turn) continue;
    const events = await fixture.turns.eventsAfter(id, 0);
    expect(turn.status).toBe('ended');
    expect(events.filter(isTerminal)).toEqual([events.at(-1)]);
    const said = events.filter((event) => !isTerminal(event));
    expect(said.map((event) => event.sequence)).toEqual(said.map((_, index) => index + 1));
    const text = said.map((event) => (event.type === 'answer-delta' ? event.text : '')).join('');
    const last = events.at(-1);
    expect(last && isTerminal(last) && 'message' in last ? last.message.content : undefined).toBe(text);
    for (const reading of seen) {
      // A reader may have seen words that were never committed; its end says what is kept.
      expect(reading.events.filter(isTerminal)).toEqual([last]);
      const sent = reading.events.map((event) => (event.type === 'answer-delta' ? event.text : '')).join('');
      expect(sent.startsWith(text)).toBe(true);
    }
  }
}
