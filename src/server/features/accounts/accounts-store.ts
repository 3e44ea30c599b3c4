import { type Kysely, type Selectable, sql } from 'kysely';

import type { Role, Tables, UsersTable } from '../../database/tables.ts';

export type User = Selectable<UsersTable>;
export type NewUser = {
  username: string;
  email: string | null;
  name: string | null;
  passwordHash: string | null;
  role: Role;
  expiresAt: string | null;
  emailVerifiedAt?: string | null;
};
export type AccountsStore = ReturnType<typeof createAccountsStore>;
type Changes = Partial<Omit<User, 'id' | 'createdAt' | 'usernameKey' | 'emailKey'>>;

/** The form under which names and addresses are unique: NFKC, lower case, no space around. */
export function keyOf(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase();
}

/** SQL of users. `database` may be a transaction, which the caller then owns. */
export function createAccountsStore(options: { database: Kysely<Tables>; now: () => Date }) {
  const { database, now } = options;
  const keysOf = ({ username, email }: { username?: string; email?: string | null }) => ({
    ...(username === undefined ? {} : { usernameKey: keyOf(username) }),
    ...(email === undefined ? {} : { emailKey: email === null ? null : keyOf(email) }),
  });

  return {
    findById: (id: number): Promise<User | undefined> =>
      database.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst(),

    /** By username, or by address when the text has an "@", which no username has. */
    findByLogin: (login: string): Promise<User | undefined> => {
      const key = keyOf(login);
      return database
        .selectFrom('users')
        .selectAll()
        .where(key.includes('@') ? 'emailKey' : 'usernameKey', '=', key)
        .executeTakeFirst();
    },

    /** Whether a user other than `exceptId` has the name or the address. */
    isTaken: async (options: {
      username: string;
      email: string | null;
      exceptId?: number;
    }): Promise<boolean> => {
      const { username, email, exceptId } = options;
      const row = await database
        .selectFrom('users')
        .select('id')
        .where((eb) =>
          eb.or([
            eb('usernameKey', '=', keyOf(username)),
            ...(email === null ? [] : [eb('emailKey', '=', keyOf(email))]),
          ]),
        )
        .where('id', '!=', exceptId ?? -1)
        .executeTakeFirst();
      return row !== undefined;
    },

    /** @returns the row, or undefined when the name or the address is taken, also by a parallel insert */
    insert: (user: NewUser): Promise<User | undefined> => {
      const createdAt = now().toISOString();
      return database
        .insertInto('users')
        .values({
          ...user,
          ...(keysOf(user) as { usernameKey: string; emailKey: string | null }),
          isActive: 1,
          tokenVersion: 1,
          settings: '{}',
          createdAt,
          updatedAt: createdAt,
        })
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst();
    },

    update: (id: number, changes: Changes): Promise<User | undefined> =>
      database
        .updateTable('users')
        .set({ ...changes, ...keysOf(changes), updatedAt: now().toISOString() })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst(),

    /** Ends every token of a user at once: access tokens carry the version, refresh tokens too. */
    raiseTokenVersion: async (id: number): Promise<void> => {
      await database
        .updateTable('users')
        .set((eb) => ({ tokenVersion: eb('tokenVersion', '+', 1) }))
        .where('id', '=', id)
        .execute();
    },

    list: (): Promise<User[]> =>
      database.selectFrom('users').selectAll().where('role', '!=', 'guest').orderBy('id').execute(),

    /** Users whose name or address holds a text, without guests, a page of them by id. */
    search: async (options: { text: string; page: number; perPage: number }) => {
      const { text, page, perPage } = options;
      const pattern = `%${keyOf(text).replace(/[\\%_]/g, '\\$&')}%`;
      const matching = database
        .selectFrom('users')
        .where('role', '!=', 'guest')
        .where(
          sql<boolean>`(username_key like ${pattern} escape '\\' or email_key like ${pattern} escape '\\' or lower(name) like ${pattern} escape '\\')`,
        );
      const { total } = await matching
        .select((eb) => eb.fn.countAll<number | string>().as('total'))
        .executeTakeFirstOrThrow();
      const rows = await matching
        .selectAll()
        .orderBy('id')
        .limit(perPage)
        .offset((page - 1) * perPage)
        .execute();
      return { users: rows, total: Number(total) };
    },

    countActiveAdmins: async (): Promise<number> => {
      const row = await database
        .selectFrom('users')
        .select((eb) => eb.fn.countAll<number | string>().as('count'))
        .where('role', '=', 'admin')
        .where('isActive', '=', 1)
        .executeTakeFirstOrThrow();
      return Number(row.count);
    },

    /**
     * Removes a user with all that is theirs; most goes with the row. Documents stay, which are the installation's,
     * without the name of who added them.
     */
    remove: async (id: number): Promise<void> => {
      const user = await database.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
      await database
        .deleteFrom('unansweredQuestions')
        .where('messageId', 'in', (eb) =>
          eb
            .selectFrom('messages')
            .innerJoin('chats', 'chats.id', 'messages.chatId')
            .select('messages.id')
            .where('chats.userId', '=', id),
        )
        .execute();
      await database
        .deleteFrom('invitations')
        .where((eb) => eb.or([eb('usedBy', '=', id), eb('email', '=', user?.emailKey ?? '')]))
        .execute();
      await database.updateTable('jobs').set({ createdBy: null }).where('createdBy', '=', id).execute();
      await database.deleteFrom('turns').where('userId', '=', id).execute();
      await database.deleteFrom('users').where('id', '=', id).execute();
    },

    /** Gives everything a guest has asked to a user. @returns the number of chats */
    moveChats: async (fromId: number, toId: number): Promise<number> => {
      const moved = await database
        .updateTable('chats')
        .set({ userId: toId })
        .where('userId', '=', fromId)
        .executeTakeFirst();
      for (const table of ['turns', 'tokenUsage', 'feedback'] as const) {
        await database.updateTable(table).set({ userId: toId }).where('userId', '=', fromId).execute();
      }
      return Number(moved.numUpdatedRows);
    },

    /** Tokens and micro-dollars of a user since a time. */
    usageSince: async (id: number, since: string): Promise<{ tokens: number; costMicros: number }> => {
      const row = await database
        .selectFrom('tokenUsage')
        .select((eb) => [
          eb.fn.sum<number | string | null>('promptTokens').as('promptTokens'),
          eb.fn.sum<number | string | null>('completionTokens').as('completionTokens'),
          eb.fn.sum<number | string | null>('costMicros').as('costMicros'),
        ])
        .where('userId', '=', id)
        .where('createdAt', '>=', since)
        .executeTakeFirstOrThrow();
      return {
        tokens: Number(row.promptTokens ?? 0) + Number(row.completionTokens ?? 0),
        costMicros: Number(row.costMicros ?? 0),
      };
    },

    /** Removes guests whose time is over. @returns how many */
    removeExpiredGuests: async (): Promise<number> => {
      const removed = await database
        .deleteFrom('users')
        .where('role', '=', 'guest')
        .where('expiresAt', '<=', now().toISOString())
        .executeTakeFirst();
      return Number(removed.numDeletedRows);
    },
  };
}
