import { onTestFinished } from 'vitest';

import { openDatabase } from '../src/server/database/open-database.ts';
import { createChatStore } from '../src/server/features/chats/chat-store.ts';
import { messageOfOutcome } from '../src/server/features/chats/present-chat.ts';
import type { StartTurn } from '../src/server/features/chats/start-turn.ts';
import { createTurnStore, type OwnedTurn } from '../src/server/features/chats/turn-store.ts';
import type { TurnOutcome } from '../src/server/pipeline/turn.ts';
import type { TurnEvent, TurnEventBody } from '../src/shared/turn-events.ts';
import { createTestClock } from './build-app.ts';

const usage = { promptTokens: 5, completionTokens: 3, cachedTokens: 0, isReported: false };

/** How a turn ended, for tests that run no pipeline. */
export function buildOutcome(overrides: Partial<TurnOutcome> = {}): TurnOutcome {
  return {
    status: 'complete',
    content: 'An answer.',
    citations: [],
    sources: [],
    note: null,
    guard: { action: 'allow', policy: null, reason: null },
    specialistId: 'tea',
    routingReason: null,
    namespaces: [],
    usage,
    model: 'scripted',
    stepUsage: [],
    costMicros: 7,
    unanswered: null,
    receipt: {
      persona_version: 'v',
      question: 'Q?',
      standalone_question: 'Q?',
      follow_up_reason: null,
      guard: [],
      route: null,
      candidates: [],
      evidence: null,
      steps: [],
      fallbacks: [],
      removals: null,
      answer: { kind: 'model', model: 'scripted', note: null },
      prompt: null,
      prompt_hash: null,
      usage,
      cost_micros: 7,
      timings_ms: {},
    },
    ...overrides,
  };
}

/** An event of a turn, in the form that the store keeps. */
export function eventOf(turn: { turnId: number }, sequence: number, body: TurnEventBody): TurnEvent {
  return { ...body, turnId: turn.turnId, sequence };
}

/** Turn and chat stores of two instances on one database, with two users and a clock that stands still. */
export async function openTurnStore() {
  const clock = createTestClock();
  const opened = await openDatabase({ path: ':memory:', isServer: false, now: clock.now });
  onTestFinished(() => opened.close());
  const { database } = opened;
  const userIds: number[] = [];
  for (const username of ['anna', 'ben']) {
    const time = clock.now().toISOString();
    const { id } = await database
      .insertInto('users')
      .values({
        username,
        usernameKey: username,
        role: 'user',
        isActive: 1,
        tokenVersion: 0,
        settings: '{}',
        createdAt: time,
        updatedAt: time,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    userIds.push(id);
  }
  const [anna = 0, ben = 0] = userIds;
  const storeOf = (instanceId: string) =>
    createTurnStore({ database, instanceId, now: clock.now, leaseMs: 15_000 });
  const start: StartTurn = { userId: anna, personaId: 'tester', question: 'Q?', title: 'Q?', chatId: null };
  const finishOf = (turn: OwnedTurn & { questionId: number }, outcome = buildOutcome()) => {
    const createdAt = clock.now().toISOString();
    const message = messageOfOutcome(outcome, { ...turn, createdAt, responseTimeMs: 4 });
    return { turn, message, outcome, personaId: 'tester' };
  };
  return {
    database,
    clock,
    anna,
    ben,
    start,
    finishOf,
    storeOf,
    turns: storeOf('first'),
    chats: createChatStore({ database, now: clock.now }),
  };
}
