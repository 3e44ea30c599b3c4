import type { Kysely, Selectable } from 'kysely';

import type { MailPurpose, MailTokensTable, Tables } from '../../../database/tables.ts';
import { invalidField } from '../../../errors.ts';
import { hashToken, randomToken, type RandomBytes } from '../secrets.ts';

export type MailToken = Selectable<MailTokensTable>;

const HOUR_MS = 3_600_000;
const LIFETIME_MS: Record<MailPurpose, number> = {
  'verify-email': 24 * HOUR_MS,
  'change-email': 24 * HOUR_MS,
  'reset-password': HOUR_MS,
};
/** Mails of one purpose that a user gets in an hour, so that nobody can fill a stranger's mailbox. */
const MAX_PER_HOUR = 3;

/**
 * SQL of the links that mails carry: random, stored as hashes, each for one purpose, for one use, and ended by a newer
 * one. `database` may be a transaction, which the caller then owns.
 */
export function createMailTokens(options: { database: Kysely<Tables>; now: () => Date }) {
  const { database, now } = options;

  const findOpen = (token: string, purposes: readonly MailPurpose[]): Promise<MailToken | undefined> =>
    database
      .selectFrom('mailTokens')
      .selectAll()
      .where('tokenHash', '=', hashToken(token))
      .where('purpose', 'in', purposes)
      .where('usedAt', 'is', null)
      .where('expiresAt', '>', now().toISOString())
      .executeTakeFirst();

  return {
    findOpen,

    /** Makes a token and ends the earlier ones. @returns undefined when the user had enough of them this hour */
    issue: async (input: {
      userId: number;
      purpose: MailPurpose;
      email: string;
      randomBytes: RandomBytes;
    }): Promise<string | undefined> => {
      const { userId, purpose, email, randomBytes } = input;
      const time = now();
      const { count } = await database
        .selectFrom('mailTokens')
        .select((eb) => eb.fn.countAll<number | string>().as('count'))
        .where('userId', '=', userId)
        .where('purpose', '=', purpose)
        .where('createdAt', '>', new Date(time.getTime() - HOUR_MS).toISOString())
        .executeTakeFirstOrThrow();
      if (Number(count) >= MAX_PER_HOUR) return undefined;
      await database
        .updateTable('mailTokens')
        .set({ usedAt: time.toISOString() })
        .where('userId', '=', userId)
        .where('purpose', '=', purpose)
        .where('usedAt', 'is', null)
        .execute();
      const token = randomToken(randomBytes);
      await database
        .insertInto('mailTokens')
        .values({
          userId,
          purpose,
          email,
          tokenHash: hashToken(token),
          createdAt: time.toISOString(),
          expiresAt: new Date(time.getTime() + LIFETIME_MS[purpose]).toISOString(),
          usedAt: null,
        })
        .execute();
      return token;
    },

    /**
     * Uses a token up; of parallel attempts one succeeds.
     * @throws AppError `invalid_field` when it is wrong, used or too old
     */
    use: async (token: string, purposes: readonly MailPurpose[]): Promise<MailToken> => {
      const found = await findOpen(token, purposes);
      const result = await database
        .updateTable('mailTokens')
        .set({ usedAt: now().toISOString() })
        .where('id', '=', found?.id ?? -1)
        .where('usedAt', 'is', null)
        .executeTakeFirst();
      if (found === undefined || result.numUpdatedRows !== 1n) throw linkEnded();
      return found;
    },

    /** Forgets what is over; for the daily upkeep. @returns how many rows */
    removeExpired: async (): Promise<number> => {
      const yesterday = new Date(now().getTime() - 24 * HOUR_MS).toISOString();
      const removed = await database
        .deleteFrom('mailTokens')
        .where('expiresAt', '<=', yesterday)
        .executeTakeFirst();
      return Number(removed.numDeletedRows);
    },
  };
}

/** The one answer for every link that does not open. */
export function linkEnded(): Error {
  return invalidField('token', 'is wrong, used or too old; ask for a new mail');
}
