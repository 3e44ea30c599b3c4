import { type Kysely, type Selectable, sql } from 'kysely';

import type { RefreshTokensTable, Tables } from '../../database/tables.ts';
import type { User } from './accounts-store.ts';

export type RefreshToken = Selectable<RefreshTokensTable>;
export type Session = {
  lineId: string;
  userAgent: string | null;
  createdAt: string;
  refreshedAt: string;
  expiresAt: string;
};
export type SessionsStore = ReturnType<typeof createSessionsStore>;

/**
 * SQL of sessions. A session is a line of refresh tokens, of which only the newest is unused; a line with a revoked
 * token is over.
 */
export function createSessionsStore(options: { database: Kysely<Tables>; now: () => Date }) {
  const { database, now } = options;
  const alive = () =>
    database
      .selectFrom('refreshTokens')
      .where('refreshTokens.usedAt', 'is', null)
      .where('refreshTokens.revokedAt', 'is', null)
      .where('refreshTokens.expiresAt', '>', now().toISOString());

  return {
    insert: async (token: Omit<RefreshToken, 'id' | 'createdAt' | 'usedAt' | 'revokedAt'>): Promise<void> => {
      await database
        .insertInto('refreshTokens')
        .values({ ...token, createdAt: now().toISOString(), usedAt: null, revokedAt: null })
        .execute();
    },

    findByHash: (tokenHash: string): Promise<RefreshToken | undefined> =>
      database.selectFrom('refreshTokens').selectAll().where('tokenHash', '=', tokenHash).executeTakeFirst(),

    /** Marks a token as used. @returns false when it was used or revoked before, also by a parallel request */
    use: async (id: number): Promise<boolean> => {
      const result = await database
        .updateTable('refreshTokens')
        .set({ usedAt: now().toISOString() })
        .where('id', '=', id)
        .where('usedAt', 'is', null)
        .where('revokedAt', 'is', null)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },

    /** The user of a session token that holds now. */
    findUserByToken: (tokenHash: string): Promise<(User & { lineId: string }) | undefined> =>
      alive()
        .innerJoin('users', 'users.id', 'refreshTokens.userId')
        .selectAll('users')
        .select('refreshTokens.lineId')
        .where('refreshTokens.tokenHash', '=', tokenHash)
        .whereRef('refreshTokens.tokenVersion', '=', 'users.tokenVersion')
        .executeTakeFirst(),

    /** The user of a session that is not over. */
    findUserByLine: (lineId: string): Promise<User | undefined> =>
      alive()
        .innerJoin('users', 'users.id', 'refreshTokens.userId')
        .selectAll('users')
        .where('refreshTokens.lineId', '=', lineId)
        .executeTakeFirst(),

    /** Ends a session, of one user when given. @returns whether there was one */
    revokeLine: async (lineId: string, userId?: number): Promise<boolean> => {
      let query = database
        .updateTable('refreshTokens')
        .set({ revokedAt: now().toISOString() })
        .where('lineId', '=', lineId)
        .where('revokedAt', 'is', null);
      if (userId !== undefined) query = query.where('userId', '=', userId);
      const result = await query.executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    revokeByUser: async (userId: number, exceptLineId = ''): Promise<void> => {
      await database
        .updateTable('refreshTokens')
        .set({ revokedAt: now().toISOString() })
        .where('userId', '=', userId)
        .where('lineId', '!=', exceptLineId)
        .where('revokedAt', 'is', null)
        .execute();
    },

    listByUser: (userId: number): Promise<Session[]> =>
      database
        .selectFrom('refreshTokens as token')
        .innerJoin('users', 'users.id', 'token.userId')
        .select(['token.lineId', 'token.userAgent', 'token.createdAt as refreshedAt', 'token.expiresAt'])
        .select(
          sql<string>`(select min(earlier.created_at) from refresh_tokens as earlier where earlier.line_id = token.line_id)`.as(
            'createdAt',
          ),
        )
        .where('token.userId', '=', userId)
        .where('token.usedAt', 'is', null)
        .where('token.revokedAt', 'is', null)
        .where('token.expiresAt', '>', now().toISOString())
        .whereRef('token.tokenVersion', '=', 'users.tokenVersion')
        .orderBy('token.createdAt', 'desc')
        .execute(),

    removeExpired: async (): Promise<number> => {
      const removed = await database
        .deleteFrom('refreshTokens')
        .where('expiresAt', '<=', now().toISOString())
        .executeTakeFirst();
      return Number(removed.numDeletedRows);
    },
  };
}
