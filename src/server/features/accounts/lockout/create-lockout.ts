import type { Kysely, Selectable } from 'kysely';

import type { SignInFailuresTable, Tables } from '../../../database/tables.ts';
import { AppError } from '../../../errors.ts';
import { hashToken } from '../secrets.ts';

type Failures = Selectable<SignInFailuresTable>;
type Rule = { freeFailures: number; longestMs: number };
type Who = { login: string; address: string };
export type Lockout = ReturnType<typeof createLockout>;

const FIRST_DELAY_MS = 15_000;
const MINUTE_MS = 60_000;
/** Failures are forgotten after a day without another. */
const MEMORY_MS = 24 * 60 * MINUTE_MS;
/**
 * One person at one account may err five times. The account as a whole and the address get more room: the first so
 * that a stranger cannot keep its owner out for long, the second because offices share one.
 */
const RULES = {
  pair: { freeFailures: 5, longestMs: 15 * MINUTE_MS },
  account: { freeFailures: 20, longestMs: 5 * MINUTE_MS },
  address: { freeFailures: 30, longestMs: 15 * MINUTE_MS },
} satisfies Record<string, Rule>;

/**
 * Slows the guessing of passwords and codes: after some failures each further attempt waits twice as long as the one
 * before (OWASP Authentication Cheat Sheet). Counts are in the database, so that a restart does not forget them, under
 * hashes of what was typed, whether or not such an account exists.
 */
export function createLockout(options: { database: Kysely<Tables>; now: () => Date }) {
  const { database, now } = options;

  /** Counts the attempt as failed before it is made: parallel ones would else all pass. */
  const begin = (keys: Keys): Promise<void> =>
    database.transaction().execute(async (transaction) => {
      const time = now().getTime();
      const rows = await find(transaction, keys);
      const waitMs = Math.max(
        0,
        ...[...rows.values()].map((row) => Date.parse(row.blockedUntil ?? '0') - time),
      );
      if (waitMs > 0) throw tooMany(Math.ceil(waitMs / 1000));
      for (const [name, keyHash] of Object.entries(keys) as [keyof Keys, string][]) {
        const row = rows.get(keyHash);
        const isRemembered = row !== undefined && Date.parse(row.lastFailedAt) + MEMORY_MS > time;
        const failures = (isRemembered ? row.failures : 0) + 1;
        const delayMs = delayAfter(failures, RULES[name]);
        const values = {
          failures,
          lastFailedAt: new Date(time).toISOString(),
          blockedUntil: delayMs === 0 ? null : new Date(time + delayMs).toISOString(),
        };
        await transaction
          .insertInto('signInFailures')
          .values({ keyHash, ...values })
          .onConflict((conflict) => conflict.column('keyHash').doUpdateSet(values))
          .execute();
      }
    });

  const takeBack = async (keyHashes: string[]): Promise<void> => {
    await database
      .updateTable('signInFailures')
      .set((eb) => ({ failures: eb('failures', '-', 1), blockedUntil: null }))
      .where('keyHash', 'in', keyHashes)
      .where('failures', '>', 0)
      .execute();
  };

  return {
    /**
     * Makes an attempt at an account.
     * @param options.isFailure whether an error means that a guess was wrong; other errors do not count
     * @throws AppError `rate_limited` with the seconds to wait, also for the right password; what the attempt throws
     */
    guard: async <Result>(
      who: Who & { isFailure: (error: unknown) => boolean },
      attempt: () => Promise<Result>,
    ): Promise<Result> => {
      const keys = keysOf(who);
      await begin(keys);
      let result: Result;
      try {
        result = await attempt();
      } catch (error) {
        if (!who.isFailure(error)) await takeBack(Object.values(keys));
        throw error;
      }
      await database.deleteFrom('signInFailures').where('keyHash', 'in', [keys.pair, keys.account]).execute();
      // The address keeps its other failures: else an account of one's own would wipe them.
      await takeBack([keys.address]);
      return result;
    },

    /** Forgets what is a day old; for the daily upkeep. @returns how many rows */
    removeExpired: async (): Promise<number> => {
      const before = new Date(now().getTime() - MEMORY_MS).toISOString();
      const removed = await database
        .deleteFrom('signInFailures')
        .where('lastFailedAt', '<=', before)
        .executeTakeFirst();
      return Number(removed.numDeletedRows);
    },
  };
}

type Keys = Record<keyof typeof RULES, string>;

function keysOf({ login, address }: Who): Keys {
  return {
    pair: hashToken(`pair ${address} ${login}`),
    account: hashToken(`account ${login}`),
    address: hashToken(`address ${address}`),
  };
}

async function find(database: Kysely<Tables>, keys: Keys): Promise<Map<string, Failures>> {
  const rows = await database
    .selectFrom('signInFailures')
    .selectAll()
    .where('keyHash', 'in', Object.values(keys))
    .execute();
  return new Map(rows.map((row) => [row.keyHash, row]));
}

/** Milliseconds to wait after so many failures: none at first, then 15 s, doubled each time, up to the longest. */
export function delayAfter(failures: number, rule: Rule): number {
  if (failures < rule.freeFailures) return 0;
  return Math.min(rule.longestMs, FIRST_DELAY_MS * 2 ** Math.min(30, failures - rule.freeFailures));
}

function tooMany(seconds: number): AppError {
  return new AppError('rate_limited', `Too many failed attempts. Wait ${seconds} seconds.`, {
    retryAfterSeconds: seconds,
  });
}
