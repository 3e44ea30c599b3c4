import type { Kysely } from 'kysely';

import type { Tables } from '../../database/tables.ts';
import { AppError } from '../../errors.ts';
import type { Identity } from '../../http/authenticate.ts';
import { type AccountsStore, createAccountsStore, type User } from './accounts-store.ts';
import { ACCESS_TOKEN_SECONDS, type AccessTokens } from './issue-tokens.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import { hashToken, randomToken, type RandomBytes } from './secrets.ts';
import { createSessionsStore, type SessionsStore } from './sessions-store.ts';

const SESSION_MS = 30 * 24 * 60 * 60 * 1000;

/** A session as its holder gets it. */
export type OpenedSession = {
  user: User;
  accessToken: string;
  expiresInSeconds: number;
  refreshToken: string;
};
export type Sessions = ReturnType<typeof createSessions>;

/** Whether a user may act now: not disabled, and not a guest whose time is over. */
export function canAct(user: User, now: Date): boolean {
  return user.isActive === 1 && (user.expiresAt === null || user.expiresAt > now.toISOString());
}

/** The user as HTTP knows it. */
export function toIdentity(user: User, sessionId?: string): Identity {
  const { id, role, username } = user;
  return { userId: id, role, username, ...(sessionId === undefined ? {} : { sessionId }) };
}

/**
 * Sessions: signing in, refresh tokens that are rotated on each use and whose reuse ends the whole session (RFC 9700,
 * 4.14.2), guests.
 */
export function createSessions(options: {
  database: Kysely<Tables>;
  tokens: AccessTokens;
  now: () => Date;
  randomBytes: RandomBytes;
  /** Throws what else a user needs who has shown the right password. */
  admit?: (user: User, proof: { otp: string | undefined }) => Promise<void>;
}) {
  const { database, tokens, now, randomBytes, admit = async () => {} } = options;
  const users = createAccountsStore({ database, now });
  const sessions = createSessionsStore({ database, now });

  const addToken = async (
    store: SessionsStore,
    { user, lineId, userAgent }: { user: User; lineId: string; userAgent: string | null },
  ): Promise<string> => {
    const token = randomToken(randomBytes);
    await store.insert({
      userId: user.id,
      lineId,
      tokenHash: hashToken(token),
      tokenVersion: user.tokenVersion,
      userAgent: userAgent?.slice(0, 300) ?? null,
      expiresAt: new Date(now().getTime() + SESSION_MS).toISOString(),
    });
    return token;
  };

  const describe = async (opened: {
    user: User;
    lineId: string;
    refreshToken: string;
  }): Promise<OpenedSession> => ({
    user: opened.user,
    accessToken: await tokens.issue(opened.user, opened.lineId),
    expiresInSeconds: ACCESS_TOKEN_SECONDS,
    refreshToken: opened.refreshToken,
  });

  const open = async (user: User, userAgent: string | null): Promise<OpenedSession> => {
    const lineId = randomToken(randomBytes).slice(0, 22);
    return describe({ user, lineId, refreshToken: await addToken(sessions, { user, lineId, userAgent }) });
  };

  return {
    open,

    /**
     * Checks name (or address) and password; the answer and its time are the same whichever is wrong.
     * @param credentials.otp a code of the second factor, for users who have one
     * @throws AppError `invalid_credentials`; only with the right password `email_unverified`, `second_factor_required`
     */
    signIn: async (credentials: {
      login: string;
      password: string;
      userAgent: string | null;
      otp?: string | undefined;
    }): Promise<OpenedSession> => {
      const user = await users.findByLogin(credentials.login);
      const { isCorrect, needsRehash } = await verifyPassword(credentials.password, user?.passwordHash);
      if (user === undefined || !isCorrect || !canAct(user, now())) {
        throw new AppError('invalid_credentials', 'The name or the password is wrong.');
      }
      await admit(user, { otp: credentials.otp });
      if (needsRehash)
        await users.update(user.id, { passwordHash: await hashPassword(credentials.password) });
      return open(user, credentials.userAgent);
    },

    /**
     * Exchanges a refresh token for the next one of its line.
     * @throws AppError `invalid_token`; when the token was used before, its session is ended
     */
    refresh: async (refreshToken: string): Promise<OpenedSession> => {
      const rotated = await database.transaction().execute(async (transaction) => {
        const store = createSessionsStore({ database: transaction, now });
        const token = await store.findByHash(hashToken(refreshToken));
        if (token === undefined || token.expiresAt <= now().toISOString()) return undefined;
        const user = await createAccountsStore({ database: transaction, now }).findById(token.userId);
        if (user === undefined || user.tokenVersion !== token.tokenVersion || !canAct(user, now()))
          return undefined;
        if (!(await store.use(token.id))) {
          await store.revokeLine(token.lineId);
          return undefined;
        }
        const { lineId, userAgent } = token;
        return { user, lineId, refreshToken: await addToken(store, { user, lineId, userAgent }) };
      });
      if (rotated === undefined) throw new AppError('invalid_token', 'The session has ended. Sign in again.');
      return describe(rotated);
    },

    /** Makes a guest, who lasts as long as the session: 30 days. */
    openGuest: async (userAgent: string | null): Promise<OpenedSession> => {
      const suffix = Buffer.from(randomBytes(6)).toString('hex');
      const guest = await users.insert({
        username: `guest-${suffix}`,
        email: null,
        name: null,
        passwordHash: null,
        role: 'guest',
        expiresAt: new Date(now().getTime() + SESSION_MS).toISOString(),
      });
      if (guest === undefined) throw new Error('the random name of a guest is taken');
      return open(guest, userAgent);
    },

    /**
     * Gives a guest's chats to a user and removes the guest.
     * @returns the number of chats; 0 when `guestId` is no guest
     */
    claim: (guestId: number, userId: number): Promise<number> =>
      database.transaction().execute(async (transaction) => {
        const store = createAccountsStore({ database: transaction, now });
        const guest = await store.findById(guestId);
        if (guest?.role !== 'guest' || guestId === userId) return 0;
        return moveEverything(store, guestId, userId);
      }),

    end: (lineId: string, userId?: number): Promise<boolean> => sessions.revokeLine(lineId, userId),
    endAll: (userId: number, exceptLineId?: string): Promise<void> =>
      sessions.revokeByUser(userId, exceptLineId),
    list: (userId: number) => sessions.listByUser(userId),

    /** Ends the session of a refresh token, used or not. */
    endByToken: async (refreshToken: string): Promise<void> => {
      const token = await sessions.findByHash(hashToken(refreshToken));
      if (token !== undefined) await sessions.revokeLine(token.lineId);
    },

    readAccessToken: async (token: string): Promise<Identity | undefined> => {
      const claims = await tokens.read(token);
      if (claims === undefined) return undefined;
      const user = await sessions.findUserByLine(claims.sessionId);
      if (user?.id !== claims.userId || user.tokenVersion !== claims.tokenVersion) return undefined;
      return canAct(user, now()) ? toIdentity(user, claims.sessionId) : undefined;
    },

    /** The user of a refresh token used as a browser session. */
    readSession: async (sessionToken: string): Promise<Identity | undefined> => {
      const user = await sessions.findUserByToken(hashToken(sessionToken));
      return user !== undefined && canAct(user, now()) ? toIdentity(user, user.lineId) : undefined;
    },

    /** Forgets expired guests and tokens; for the daily upkeep. @returns how many rows */
    removeExpired: async (): Promise<number> =>
      (await users.removeExpiredGuests()) + (await sessions.removeExpired()),
  };
}

async function moveEverything(store: AccountsStore, guestId: number, userId: number): Promise<number> {
  const moved = await store.moveChats(guestId, userId);
  await store.remove(guestId);
  return moved;
}
