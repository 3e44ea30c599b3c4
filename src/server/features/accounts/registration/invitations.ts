import type { Kysely, Selectable } from 'kysely';

import type { InvitationsTable, Tables } from '../../../database/tables.ts';
import { invalidField } from '../../../errors.ts';
import { keyOf } from '../accounts-store.ts';
import { hashToken, randomToken, type RandomBytes } from '../secrets.ts';

export type Invitation = Selectable<InvitationsTable>;

const DAY_MS = 86_400_000;

/**
 * Invitations of admins: random tokens, stored as hashes, for one account each. `database` may be a transaction, which
 * the caller then owns.
 */
export function createInvitations(options: { database: Kysely<Tables>; now: () => Date }) {
  const { database, now } = options;

  return {
    /** @returns the row, and the token that is never shown again */
    create: async (input: {
      email: string | null;
      role: Invitation['role'];
      lifetimeDays: number;
      createdBy: number;
      randomBytes: RandomBytes;
    }): Promise<{ invitation: Invitation; token: string }> => {
      const { email, role, lifetimeDays, createdBy, randomBytes } = input;
      const token = randomToken(randomBytes);
      const time = now();
      const invitation = await database
        .insertInto('invitations')
        .values({
          tokenHash: hashToken(token),
          email: email === null ? null : keyOf(email),
          role,
          createdBy,
          createdAt: time.toISOString(),
          expiresAt: new Date(time.getTime() + lifetimeDays * DAY_MS).toISOString(),
          usedAt: null,
          usedBy: null,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      return { invitation, token };
    },

    list: (): Promise<Invitation[]> =>
      database.selectFrom('invitations').selectAll().orderBy('id', 'desc').limit(1_000).execute(),

    /** @returns whether there was such an invitation */
    remove: async (id: number): Promise<boolean> => {
      const result = await database.deleteFrom('invitations').where('id', '=', id).executeTakeFirst();
      return result.numDeletedRows === 1n;
    },

    /**
     * Uses an invitation up; of parallel attempts one succeeds.
     * @throws AppError `invalid_field` when it is wrong, used, too old or for another address
     */
    use: async (token: string, email: string): Promise<Invitation> => {
      const time = now().toISOString();
      const invitation = await database
        .updateTable('invitations')
        .set({ usedAt: time })
        .where('tokenHash', '=', hashToken(token))
        .where('usedAt', 'is', null)
        .where('expiresAt', '>', time)
        .returningAll()
        .executeTakeFirst();
      if (invitation === undefined) throw invalidField('invitation', 'is wrong, used or too old');
      if (invitation.email !== null && invitation.email !== keyOf(email)) {
        throw invalidField('email', 'is not the address that was invited');
      }
      return invitation;
    },

    /** Notes who used an invitation. */
    noteUse: async (id: number, userId: number): Promise<void> => {
      await database.updateTable('invitations').set({ usedBy: userId }).where('id', '=', id).execute();
    },
  };
}
