import { type Kysely, sql } from 'kysely';

import type { Message } from '../../../shared/messages.ts';
import type { TurnEvent } from '../../../shared/turn-events.ts';
import type { Tables } from '../../database/tables.ts';
import { AppError, notFound } from '../../errors.ts';
import type { TurnOutcome } from '../../pipeline/turn.ts';
import { insertCitations, insertEvents, insertUsage, updateMessage } from './write-turn.ts';

export type StartTurn = {
  userId: number;
  personaId: string;
  question: string;
  title: string;
  chatId: number | null;
  /** The message that the question follows; null continues the shown branch. */
  parentId: number | null;
  /** Asks an existing question again: a sibling answer instead of a new question. */
  questionId?: number;
  idempotency?: { route: string; key: string; requestHash: string };
};

export type StartedTurn = {
  turnId: number;
  chatId: number;
  questionId: number;
  fence: number;
  /** False when the idempotency key was seen before: the turn runs or has run already. */
  isNew: boolean;
};

/** A running turn of this server: every write names the fence, so that a reaped turn cannot be written to. */
export type OwnedTurn = { turnId: number; chatId: number; userId: number; fence: number };

type TurnRow = {
  id: number;
  chatId: number;
  userId: number;
  questionId: number;
  fence: number;
  status: 'generating' | 'ended';
  createdAt: string;
};

const IDEMPOTENCY_HOURS = 24;

/**
 * The durable record of turns. Each function is one transaction: a question is stored with its answer's row before it
 * is acknowledged, events are appended under the fence, and the end of a turn is one step.
 */
export function createTurnStore(options: {
  database: Kysely<Tables>;
  instanceId: string;
  now: () => Date;
  leaseMs: number;
}) {
  const { database, instanceId, now, leaseMs } = options;
  const later = (milliseconds: number) => new Date(now().getTime() + milliseconds).toISOString();

  const fenced = (transaction: Kysely<Tables>, turn: OwnedTurn) =>
    transaction
      .updateTable('turns')
      .where('id', '=', turn.turnId)
      .where('fence', '=', turn.fence)
      .where('status', '=', 'generating');

  async function findByKey(transaction: Kysely<Tables>, start: StartTurn): Promise<StartedTurn | undefined> {
    const { idempotency, userId } = start;
    if (!idempotency) return undefined;
    const oldest = new Date(now().getTime() - IDEMPOTENCY_HOURS * 3_600_000).toISOString();
    await transaction
      .deleteFrom('idempotencyKeys')
      .where('userId', '=', userId)
      .where('createdAt', '<', oldest)
      .execute();
    const known = await transaction
      .selectFrom('idempotencyKeys as k')
      .innerJoin('turns as t', 't.id', 'k.turnId')
      .where('k.userId', '=', userId)
      .where('k.route', '=', idempotency.route)
      .where('k.key', '=', idempotency.key)
      .select(['k.requestHash', 't.id', 't.chatId', 't.questionId', 't.fence'])
      .executeTakeFirst();
    if (!known) return undefined;
    if (known.requestHash !== idempotency.requestHash) {
      throw new AppError(
        'idempotency_mismatch',
        'This Idempotency-Key was used for another request; use a new key.',
      );
    }
    return {
      turnId: known.id,
      chatId: known.chatId,
      questionId: known.questionId,
      fence: known.fence,
      isNew: false,
    };
  }

  async function chatFor(
    transaction: Kysely<Tables>,
    start: StartTurn,
  ): Promise<{ id: number; headMessageId: number | null }> {
    const time = now().toISOString();
    if (start.chatId === null) {
      const { id } = await transaction
        .insertInto('chats')
        .values({
          userId: start.userId,
          personaId: start.personaId,
          title: start.title,
          isTitleSet: 0,
          isPinned: 0,
          isArchived: 0,
          tokensUsed: 0,
          costMicros: 0,
          createdAt: time,
          updatedAt: time,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      return { id, headMessageId: null };
    }
    const chat = await transaction
      .selectFrom('chats')
      .select(['id', 'headMessageId', 'isTitleSet'])
      .where('id', '=', start.chatId)
      .where('userId', '=', start.userId)
      .executeTakeFirst();
    if (!chat) throw notFound('chat', start.chatId);
    const running = await transaction
      .selectFrom('turns')
      .select('id')
      .where('chatId', '=', chat.id)
      .where('status', '=', 'generating')
      .executeTakeFirst();
    if (running) {
      throw new AppError(
        'turn_running',
        'An answer is still being written in this chat. Wait for it, or stop it first.',
        { retryAfterSeconds: 2 },
      );
    }
    if (chat.headMessageId === null && chat.isTitleSet === 0) {
      await transaction.updateTable('chats').set({ title: start.title }).where('id', '=', chat.id).execute();
    }
    return chat;
  }

  async function insertMessages(
    transaction: Kysely<Tables>,
    start: StartTurn,
    chat: { id: number; headMessageId: number | null },
  ) {
    const time = now().toISOString();
    const insert = async (values: {
      role: 'user' | 'assistant';
      content: string;
      parentId: number | null;
      status: 'complete' | 'generating';
    }) => {
      const row = await transaction
        .insertInto('messages')
        .values({
          ...values,
          chatId: chat.id,
          namespaces: '[]',
          sources: '[]',
          guardAction: 'allow',
          promptTokens: 0,
          completionTokens: 0,
          costMicros: 0,
          createdAt: time,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      return row.id;
    };
    if (start.parentId !== null) {
      const parent = await transaction
        .selectFrom('messages')
        .select('id')
        .where('id', '=', start.parentId)
        .where('chatId', '=', chat.id)
        .executeTakeFirst();
      if (!parent) throw notFound('message', start.parentId);
    }
    const isFirst = start.parentId === null && start.chatId === null;
    const questionId =
      start.questionId ??
      (await insert({
        role: 'user',
        content: start.question,
        parentId: isFirst ? null : (start.parentId ?? chat.headMessageId),
        status: 'complete',
      }));
    const answerId = await insert({
      role: 'assistant',
      content: '',
      parentId: questionId,
      status: 'generating',
    });
    await transaction
      .updateTable('chats')
      .set({ headMessageId: answerId, updatedAt: time })
      .where('id', '=', chat.id)
      .execute();
    return { questionId, answerId };
  }

  return {
    /**
     * Stores a question, the row of its answer, the turn, its first event and the idempotency key in one transaction.
     * @throws AppError `not_found` (chat or parent), `turn_running`, `idempotency_mismatch`
     */
    async start(start: StartTurn): Promise<StartedTurn> {
      return database.transaction().execute(async (transaction) => {
        const known = await findByKey(transaction, start);
        if (known) return known;
        const chat = await chatFor(transaction, start);
        const { questionId, answerId } = await insertMessages(transaction, start, chat);
        const time = now().toISOString();
        await transaction
          .insertInto('turns')
          .values({
            id: answerId,
            chatId: chat.id,
            userId: start.userId,
            questionId,
            owner: instanceId,
            leaseUntil: later(leaseMs),
            fence: 1,
            status: 'generating',
            createdAt: time,
          })
          .execute();
        const first: TurnEvent = {
          type: 'turn-start',
          turnId: answerId,
          sequence: 1,
          chatId: chat.id,
          questionId,
          answerId,
          personaId: start.personaId,
        };
        await transaction
          .insertInto('turnEvents')
          .values({ turnId: answerId, sequence: 1, payload: JSON.stringify(first), createdAt: time })
          .execute();
        if (start.idempotency) {
          await transaction
            .insertInto('idempotencyKeys')
            .values({
              userId: start.userId,
              route: start.idempotency.route,
              key: start.idempotency.key,
              requestHash: start.idempotency.requestHash,
              turnId: answerId,
              createdAt: time,
            })
            .execute();
        }
        return { turnId: answerId, chatId: chat.id, questionId, fence: 1, isNew: true };
      });
    },

    /**
     * Appends events of several turns in one transaction.
     * @returns ids of the turns that this server no longer owns; their events were not written
     */
    async appendEvents(
      batches: readonly { turn: OwnedTurn; events: readonly TurnEvent[] }[],
    ): Promise<number[]> {
      const time = now().toISOString();
      return database.transaction().execute(async (transaction) => {
        const lost: number[] = [];
        for (const { turn, events } of batches) {
          const owned = await fenced(transaction, turn)
            .set({ leaseUntil: later(leaseMs) })
            .executeTakeFirst();
          if (owned.numUpdatedRows === 0n) lost.push(turn.turnId);
          else await insertEvents(transaction, events, time);
        }
        return lost;
      });
    },

    /**
     * Ends a turn: message, citations, usage, receipt, remaining events and the terminal one in one transaction.
     * @returns false when the turn had been taken away; nothing was written then
     */
    async finish(options: {
      turn: OwnedTurn;
      message: Message;
      outcome: TurnOutcome;
      personaId: string;
      events: readonly TurnEvent[];
    }): Promise<boolean> {
      const { turn, message, outcome, personaId, events } = options;
      const time = now().toISOString();
      return database.transaction().execute(async (transaction) => {
        const owned = await fenced(transaction, turn)
          .set({ status: 'ended', endedAt: time })
          .executeTakeFirst();
        if (owned.numUpdatedRows === 0n) return false;
        await insertEvents(transaction, events, time);
        await updateMessage(transaction, message, outcome.costMicros);
        await insertCitations(transaction, message);
        await insertUsage(transaction, { turn, outcome, personaId, time });
        await transaction
          .insertInto('receipts')
          .values({ turnId: turn.turnId, content: JSON.stringify(outcome.receipt), createdAt: time })
          .execute();
        if (outcome.unanswered) {
          await transaction
            .insertInto('unansweredQuestions')
            .values({
              personaId,
              question: outcome.unanswered.question,
              messageId: turn.turnId,
              score: outcome.unanswered.score,
              status: 'open',
              createdAt: time,
            })
            .execute();
        }
        await transaction
          .updateTable('chats')
          .set((eb) => ({
            tokensUsed: eb('tokensUsed', '+', message.total_tokens),
            costMicros: eb('costMicros', '+', outcome.costMicros),
            updatedAt: time,
          }))
          .where('id', '=', turn.chatId)
          .execute();
        return true;
      });
    },

    /** Turns whose lease has run out, or all that another instance left when this one owns the data alone. */
    async listAbandoned(isAlone: boolean): Promise<TurnRow[]> {
      const base = database.selectFrom('turns').selectAll().where('status', '=', 'generating');
      const rows = isAlone
        ? base.where('owner', '!=', instanceId)
        : base.where('leaseUntil', '<', now().toISOString());
      return rows.execute();
    },

    /** Takes a turn over by raising its fence. @returns undefined when someone else was faster */
    async takeOver(row: TurnRow): Promise<OwnedTurn | undefined> {
      const turn = { turnId: row.id, chatId: row.chatId, userId: row.userId, fence: row.fence };
      const taken = await fenced(database, turn)
        .set({ fence: row.fence + 1, owner: instanceId, leaseUntil: later(leaseMs) })
        .executeTakeFirst();
      return taken.numUpdatedRows === 0n ? undefined : { ...turn, fence: row.fence + 1 };
    },

    /** Keeps the leases of this server's turns, and tells which of them someone asked to stop. */
    async renewLeases(turnIds: readonly number[]): Promise<number[]> {
      if (turnIds.length === 0) return [];
      const rows = await database
        .updateTable('turns')
        .set({ leaseUntil: later(leaseMs) })
        .where('id', 'in', [...turnIds])
        .where('owner', '=', instanceId)
        .where('status', '=', 'generating')
        .returning(['id', 'stopRequestedAt'])
        .execute();
      return rows.filter((row) => row.stopRequestedAt !== null).map((row) => row.id);
    },

    /** Asks a turn to stop, whichever server runs it. @returns false when it had ended before */
    async requestStop(turnId: number): Promise<boolean> {
      const result = await database
        .updateTable('turns')
        .set({ stopRequestedAt: now().toISOString() })
        .where('id', '=', turnId)
        .where('status', '=', 'generating')
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    async find(turnId: number) {
      return database.selectFrom('turns').selectAll().where('id', '=', turnId).executeTakeFirst();
    },

    async eventsAfter(turnId: number, sequence: number): Promise<TurnEvent[]> {
      const rows = await database
        .selectFrom('turnEvents')
        .select('payload')
        .where('turnId', '=', turnId)
        .where('sequence', '>', sequence)
        .orderBy('sequence')
        .execute();
      return rows.map((row) => JSON.parse(row.payload) as TurnEvent);
    },

    async findReceipt(turnId: number): Promise<Record<string, unknown> | undefined> {
      const row = await database
        .selectFrom('receipts')
        .select('content')
        .where('turnId', '=', turnId)
        .executeTakeFirst();
      return row ? (JSON.parse(row.content) as Record<string, unknown>) : undefined;
    },

    /** Removes events of turns that ended before the given time; their messages stay. */
    async purgeEvents(endedBefore: Date): Promise<number> {
      const result = await database
        .deleteFrom('turnEvents')
        .where('turnId', 'in', (eb) =>
          eb.selectFrom('turns').select('id').where('endedAt', '<', endedBefore.toISOString()),
        )
        .executeTakeFirst();
      return Number(result.numDeletedRows);
    },

    async countRunning(): Promise<number> {
      const row = await database
        .selectFrom('turns')
        .select(sql<number>`count(*)`.as('count'))
        .where('status', '=', 'generating')
        .executeTakeFirstOrThrow();
      return Number(row.count);
    },
  };
}

export type TurnStore = ReturnType<typeof createTurnStore>;
