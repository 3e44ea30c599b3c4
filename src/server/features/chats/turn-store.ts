import { type Kysely, type Selectable, sql } from 'kysely';

import type { Message } from '../../../shared/messages.ts';
import type { TurnEvent } from '../../../shared/turn-events.ts';
import { crashPoint } from '../../crash-points.ts';
import type { Tables, TurnsTable } from '../../database/tables.ts';
import type { TurnOutcome } from '../../pipeline/turn.ts';
import { createStartTurn } from './start-turn.ts';
import type { TurnLimits } from './turn-limits.ts';
import { insertCitations, insertEvents, insertUsage, updateMessage } from './write-turn.ts';

/** A running turn of this server: every write names the fence, so that a reaped turn cannot be written to. */
export type OwnedTurn = { turnId: number; chatId: number; userId: number; fence: number };

export type TurnRow = Selectable<TurnsTable>;

/** Lengths of a lease that one may lie ahead; more than one, because clocks of servers differ. */
const LEASES_AHEAD = 2;

/**
 * The durable record of turns. Each function is one transaction: a question is stored with its answer's row before it
 * is acknowledged, events are appended under the fence, and the end of a turn is one step.
 */
export function createTurnStore(options: {
  database: Kysely<Tables>;
  instanceId: string;
  now: () => Date;
  leaseMs: number;
  limits?: TurnLimits;
}) {
  const { database, instanceId, now, leaseMs, limits } = options;
  const later = (milliseconds: number) => new Date(now().getTime() + milliseconds).toISOString();

  const fenced = (transaction: Kysely<Tables>, turn: OwnedTurn) =>
    transaction
      .updateTable('turns')
      .where('id', '=', turn.turnId)
      .where('fence', '=', turn.fence)
      .where('status', '=', 'generating');

  return {
    start: createStartTurn({ database, instanceId, now, leaseMs, ...(limits ? { limits } : {}) }),

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
        crashPoint('turn-events-written');
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
        crashPoint('turn-end-written');
        return true;
      });
    },

    /**
     * Turns whose lease has run out or lies further ahead than any that is given (the clock went back since), or all
     * that another instance left when this one owns the data alone.
     */
    async listAbandoned(isAlone: boolean): Promise<TurnRow[]> {
      const base = database.selectFrom('turns').selectAll().where('status', '=', 'generating');
      const rows = isAlone
        ? base.where('owner', '!=', instanceId)
        : base.where((eb) =>
            eb.or([
              eb('leaseUntil', '<', now().toISOString()),
              eb('leaseUntil', '>', later(LEASES_AHEAD * leaseMs)),
            ]),
          );
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
