import type { Kysely } from 'kysely';

import type { TurnEvent } from '../../../shared/turn-events.ts';
import { crashPoint } from '../../crash-points.ts';
import type { Tables } from '../../database/tables.ts';
import { AppError, notFound } from '../../errors.ts';
import type { TurnLimits } from './turn-limits.ts';

export type StartTurn = {
  userId: number;
  personaId: string;
  question: string;
  title: string;
  chatId: number | null;
  /** The message that the question follows: null begins the chat anew, undefined continues the shown branch. */
  parentId?: number | null;
  /** Asks an existing question again: a sibling answer instead of a new question. */
  questionId?: number;
  idempotency?: { route: string; key: string; requestHash: string };
};

export type StartedTurn = {
  turnId: number;
  chatId: number;
  questionId: number;
  fence: number;
  /** When the answer began, UTC ISO 8601. */
  createdAt: string;
  /** False when the idempotency key was seen before: the turn runs or has run already. */
  isNew: boolean;
};

const IDEMPOTENCY_HOURS = 24;

/**
 * Makes the function that stores a question, the row of its answer, the turn, its first event and the idempotency key
 * in one transaction. It throws AppError `not_found` (chat or parent), `turn_running` and `idempotency_mismatch`.
 */
export function createStartTurn(options: {
  database: Kysely<Tables>;
  instanceId: string;
  now: () => Date;
  leaseMs: number;
  limits?: Pick<TurnLimits, 'reserve'>;
}): (start: StartTurn) => Promise<StartedTurn> {
  const { database, instanceId, now, leaseMs, limits } = options;
  const later = (milliseconds: number) => new Date(now().getTime() + milliseconds).toISOString();

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
      .select(['k.requestHash', 't.id', 't.chatId', 't.questionId', 't.fence', 't.createdAt'])
      .executeTakeFirst();
    if (!known) {
      // The chat of an earlier turn with this key was deleted; the key is free again.
      await transaction
        .deleteFrom('idempotencyKeys')
        .where('userId', '=', userId)
        .where('route', '=', idempotency.route)
        .where('key', '=', idempotency.key)
        .execute();
      return undefined;
    }
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
      createdAt: known.createdAt,
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
    chat: { id: number; headMessageId: number | null; time: string },
  ) {
    const { time } = chat;
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
    if (start.parentId) {
      const parent = await transaction
        .selectFrom('messages')
        .select('id')
        .where('id', '=', start.parentId)
        .where('chatId', '=', chat.id)
        .executeTakeFirst();
      if (!parent) throw notFound('message', start.parentId);
    }
    const questionId =
      start.questionId ??
      (await insert({
        role: 'user',
        content: start.question,
        parentId: start.parentId === undefined ? chat.headMessageId : start.parentId,
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

  return async function startTurn(start) {
    const started = await database.transaction().execute(async (transaction) => {
      const known = await findByKey(transaction, start);
      if (known) return known;
      const reservation = await limits?.reserve(transaction, start);
      const chat = await chatFor(transaction, start);
      const time = now().toISOString();
      const { questionId, answerId } = await insertMessages(transaction, start, { ...chat, time });
      await transaction
        .insertInto('turns')
        .values({
          id: answerId,
          chatId: chat.id,
          userId: start.userId,
          questionId,
          owner: instanceId,
          leaseUntil: later(leaseMs),
          ...reservation,
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
      crashPoint('turn-start-written');
      return { turnId: answerId, chatId: chat.id, questionId, fence: 1, createdAt: time, isNew: true };
    });
    crashPoint('turn-started');
    return started;
  };
}
