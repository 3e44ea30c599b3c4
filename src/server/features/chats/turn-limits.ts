import type { Kysely } from 'kysely';

import type { Tables } from '../../database/tables.ts';
import { AppError } from '../../errors.ts';
import type { TokenUsage } from '../../models/language-model.ts';

/** What a turn is expected to use at most, held back from the budgets until its end is booked. */
export type Reservation = { reservedTokens: number; reservedCostMicros: number };
export type TurnLimits = ReturnType<typeof createTurnLimits>;

/** The largest prompt beside the question (rules, passages, earlier turns) and the longest answer. */
const PROMPT_TOKENS = 7_000;
const ANSWER_TOKENS = 1_000;
/** A token of byte-level BPE holds at least one byte; of running text it holds more than two. */
const BYTES_PER_TOKEN = 2;
const RETRY_SECONDS = 2;
/** What answers without a model are booked under; they cost nothing. */
const EXTRACTIVE = 'extractive';

/**
 * The limits of turns: answers at once and tokens a day for a person, dollars a day for a persona; 0 is no limit.
 * `reserve` runs in the transaction that starts a turn, so that questions at the same time see each other's
 * reservations; the transaction that ends the turn books what was used, and the reservation ends with it.
 * @param options.model the model that answers; undefined when answers are excerpts, which cost nothing
 */
export function createTurnLimits(options: {
  limits: { turnsPerUser: number; tokensPerDay: number; costMicrosPerDay: number };
  model: string | undefined;
  costOf: (model: string, usage: TokenUsage) => number;
  now: () => Date;
}) {
  const { limits, model, costOf, now } = options;
  const { turnsPerUser, tokensPerDay, costMicrosPerDay } = limits;

  function estimate(question: string): Reservation {
    if (model === undefined) return { reservedTokens: 0, reservedCostMicros: 0 };
    const promptTokens = PROMPT_TOKENS + Math.ceil(Buffer.byteLength(question) / BYTES_PER_TOKEN);
    const usage = { promptTokens, completionTokens: ANSWER_TOKENS, cachedTokens: 0, isReported: false };
    return { reservedTokens: promptTokens + ANSWER_TOKENS, reservedCostMicros: costOf(model, usage) };
  }

  function secondsToMidnight(): number {
    const time = now();
    const midnight = Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate() + 1);
    return Math.max(1, Math.ceil((midnight - time.getTime()) / 1_000));
  }

  return {
    /**
     * Holds back what a question may use.
     * @throws AppError `rate_limited` for too many answers at once, `quota_exceeded` for a budget of the day
     */
    async reserve(
      transaction: Kysely<Tables>,
      start: { userId: number; personaId: string; question: string },
    ): Promise<Reservation> {
      const { userId, personaId, question } = start;
      const today = `${now().toISOString().slice(0, 10)}T00:00:00.000Z`;
      const running = await readRunning(transaction, { userId, personaId });
      if (turnsPerUser > 0 && running.turns >= turnsPerUser) {
        throw new AppError(
          'rate_limited',
          `${turnsPerUser} of your answers are being written already. Wait for one of them, or stop it.`,
          {
            retryAfterSeconds: RETRY_SECONDS,
            limit: { limit: turnsPerUser, remaining: 0, resetSeconds: RETRY_SECONDS },
          },
        );
      }
      const reservation = estimate(question);
      if (model === undefined) return reservation;
      if (tokensPerDay > 0) {
        const used = (await readTokensUsed(transaction, { userId, today })) + running.tokens;
        if (used + reservation.reservedTokens > tokensPerDay)
          throw exceeded('Your tokens of today are used up.', tokensPerDay, tokensPerDay - used);
      }
      if (costMicrosPerDay > 0) {
        const used = (await readCost(transaction, { personaId, today })) + running.costMicros;
        if (used + reservation.reservedCostMicros > costMicrosPerDay)
          throw exceeded('This persona has answered as much as it may today.', 0, 0);
      }
      return reservation;
    },
  };

  function exceeded(reason: string, limit: number, remaining: number): AppError {
    const resetSeconds = secondsToMidnight();
    return new AppError('quota_exceeded', `${reason} Ask again after midnight (UTC).`, {
      retryAfterSeconds: resetSeconds,
      // What a persona may cost is its owner's business.
      ...(limit > 0 ? { limit: { limit, remaining: Math.max(0, remaining), resetSeconds } } : {}),
    });
  }
}

async function readRunning(
  transaction: Kysely<Tables>,
  { userId, personaId }: { userId: number; personaId: string },
): Promise<{ turns: number; tokens: number; costMicros: number }> {
  const own = await transaction
    .selectFrom('turns')
    .where('userId', '=', userId)
    .where('status', '=', 'generating')
    .select((eb) => [eb.fn.countAll().as('turns'), eb.fn.sum('reservedTokens').as('tokens')])
    .executeTakeFirstOrThrow();
  const personas = await transaction
    .selectFrom('turns as t')
    .innerJoin('chats as c', 'c.id', 't.chatId')
    .where('c.personaId', '=', personaId)
    .where('t.status', '=', 'generating')
    .select((eb) => eb.fn.sum('t.reservedCostMicros').as('cost'))
    .executeTakeFirstOrThrow();
  return {
    turns: Number(own.turns),
    tokens: Number(own.tokens ?? 0),
    costMicros: Number(personas.cost ?? 0),
  };
}

async function readTokensUsed(
  transaction: Kysely<Tables>,
  { userId, today }: { userId: number; today: string },
): Promise<number> {
  const used = await transaction
    .selectFrom('tokenUsage')
    .where('userId', '=', userId)
    .where('createdAt', '>=', today)
    .where('model', '!=', EXTRACTIVE)
    .select((eb) => [
      eb.fn.sum('promptTokens').as('promptTokens'),
      eb.fn.sum('completionTokens').as('completionTokens'),
    ])
    .executeTakeFirstOrThrow();
  return Number(used.promptTokens ?? 0) + Number(used.completionTokens ?? 0);
}

async function readCost(
  transaction: Kysely<Tables>,
  { personaId, today }: { personaId: string; today: string },
): Promise<number> {
  const used = await transaction
    .selectFrom('tokenUsage')
    .where('personaId', '=', personaId)
    .where('createdAt', '>=', today)
    .select((eb) => eb.fn.sum('costMicros').as('cost'))
    .executeTakeFirstOrThrow();
  return Number(used.cost ?? 0);
}
