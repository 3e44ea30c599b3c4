import type { Kysely } from 'kysely';

import type { Role, Tables } from '../../database/tables.ts';
import { AppError, notFound } from '../../errors.ts';
import { type AccountsStore, createAccountsStore, keyOf, type NewUser, type User } from './accounts-store.ts';
import { assertGoodPassword, hashPassword, verifyPassword } from './passwords.ts';
import { createSessionsStore } from './sessions-store.ts';

export type UserInput = {
  username: string;
  email: string;
  password: string;
  name?: string | null;
  role?: Exclude<Role, 'guest'>;
};
export type Users = ReturnType<typeof createUsers>;
type Options = { database: Kysely<Tables>; now: () => Date };

/** Users as the API, the command line and the set-up manage them. */
export function createUsers({ database, now }: Options) {
  const users = createAccountsStore({ database, now });

  const createUser = async (input: UserInput): Promise<User> => {
    assertGoodPassword(input.password, input);
    if (await users.isTaken({ username: input.username, email: input.email })) throw taken();
    const user = await users.insert({
      ...fieldsOf(input),
      passwordHash: await hashPassword(input.password),
      role: input.role ?? 'user',
      expiresAt: null,
      // Whoever calls this runs the server and vouches for the address.
      emailVerifiedAt: now().toISOString(),
    });
    if (user === undefined) throw taken();
    return user;
  };

  const getUser = async (login: string): Promise<User> => {
    const user = await users.findByLogin(login);
    if (user === undefined || user.role === 'guest') throw notFound('user');
    return user;
  };

  /** Runs a change of users and undoes it when it leaves no admin who can sign in. */
  const keepingAnAdmin = <Result>(change: (store: AccountsStore) => Promise<Result>): Promise<Result> =>
    database.transaction().execute(async (transaction) => {
      const store = createAccountsStore({ database: transaction, now });
      const before = await store.countActiveAdmins();
      const result = await change(store);
      if (before > 0 && (await store.countActiveAdmins()) === 0) {
        throw new AppError('conflict', 'This is the last admin. Make another admin first.');
      }
      return result;
    });

  const setPassword = async (user: User, password: string): Promise<User> => {
    assertGoodPassword(password, { username: user.username, email: user.email ?? '' });
    const passwordHash = await hashPassword(password);
    return database.transaction().execute(async (transaction) => {
      const store = createAccountsStore({ database: transaction, now });
      await store.raiseTokenVersion(user.id);
      await createSessionsStore({ database: transaction, now }).revokeByUser(user.id);
      return found(await store.update(user.id, { passwordHash }));
    });
  };

  return {
    /**
     * Makes a user for someone who runs the server; the address counts as confirmed.
     * @throws AppError `conflict`, with one text whether the name or the address is taken; `invalid_field`
     */
    createUser,

    /**
     * Makes a user, or gives the existing one of that name or address this role and password; running it again
     * changes nothing. Who already has the password keeps the sessions.
     */
    ensureUser: async (input: UserInput): Promise<{ user: User; isNew: boolean }> => {
      const existing = (await users.findByLogin(input.email)) ?? (await users.findByLogin(input.username));
      if (existing === undefined) return { user: await createUser(input), isNew: true };
      const { isCorrect } = await verifyPassword(input.password, existing.passwordHash);
      const user = isCorrect ? existing : await setPassword(existing, input.password);
      const role = input.role ?? user.role;
      const emailVerifiedAt = user.emailVerifiedAt ?? now().toISOString();
      const updated = await keepingAnAdmin((store) =>
        store.update(user.id, { role, isActive: 1, emailVerifiedAt }),
      );
      return { user: found(updated), isNew: false };
    },

    listUsers: (): Promise<User[]> => users.list(),
    findUser: (id: number): Promise<User | undefined> => users.findById(id),
    getUser,

    /** Enables or disables a user, by name or address, at once. @throws AppError `not_found`, `conflict` */
    setUserActive: async (login: string, isActive: boolean): Promise<User> => {
      const { id } = await getUser(login);
      return keepingAnAdmin(async (store) => {
        if (!isActive) await store.raiseTokenVersion(id);
        return found(await store.update(id, { isActive: isActive ? 1 : 0 }));
      });
    },

    /** @throws AppError `not_found`, `conflict` */
    setUserRole: async (login: string, role: Exclude<Role, 'guest'>): Promise<User> => {
      const { id } = await getUser(login);
      return keepingAnAdmin(async (store) => found(await store.update(id, { role })));
    },

    searchUsers: users.search,

    /** Changes role and activity of a user at once. @throws AppError `not_found`; `conflict` for the last admin */
    changeUser: async (
      id: number,
      changes: { role: Exclude<Role, 'guest'> | undefined; isActive: boolean | undefined },
    ): Promise<User> => {
      const { role, isActive } = changes;
      return keepingAnAdmin(async (store) => {
        if (found(await store.findById(id)).role === 'guest') throw notFound('user', id);
        if (isActive === false) await store.raiseTokenVersion(id);
        return found(
          await store.update(id, {
            ...(role === undefined ? {} : { role }),
            ...(isActive === undefined ? {} : { isActive: isActive ? 1 : 0 }),
          }),
        );
      });
    },

    /** Sets a password and ends all sessions. @throws AppError `invalid_field` */
    setPassword,

    /** Whether a password is the user's; false for users without one. @throws AppError `not_found` */
    isPasswordOf: async (id: number, password: string): Promise<boolean> =>
      (await verifyPassword(password, found(await users.findById(id)).passwordHash)).isCorrect,

    updateProfile: async (id: number, changes: { name?: string | null; settings?: string }): Promise<User> =>
      found(await users.update(id, changes)),

    usageSince: users.usageSince,
    hasAdmin: async (): Promise<boolean> => (await users.countActiveAdmins()) > 0,

    /** Erases a user and all that is theirs. @throws AppError `conflict` for the last admin */
    eraseUser: (id: number): Promise<void> => keepingAnAdmin((store) => store.remove(id)),
  };
}

/**
 * Makes the admin of the configuration while there is none; later starts change nothing, so that a password changed
 * in the product stays changed.
 * @returns the admin, or undefined when there was one
 * @throws AppError `invalid_field` for a password that is too easy
 */
export async function ensureConfiguredAdmin(
  users: Users,
  admin: { email: string; password: string },
): Promise<User | undefined> {
  if (await users.hasAdmin()) return undefined;
  const username = usernameFrom(admin.email);
  const isFree = await users.getUser(username).then(
    () => false,
    () => true,
  );
  const { user } = await users.ensureUser({
    ...admin,
    username: isFree ? username : `${username}-admin`,
    role: 'admin',
  });
  return user;
}

/**
 * A username made of an address or a name: what stands before the "@", as far as a username may hold it.
 * @param suffix lengthens what is too short
 */
export function usernameFrom(text: string, suffix = 'admin'): string {
  const local = (text.split('@')[0] ?? '').replace(/[^\p{L}\p{N}._-]/gu, '').replace(/^[._-]+/, '');
  return local.length < 3 ? `${local}${suffix}` : local.slice(0, 40);
}

/** Name and address in the form in which they are stored. */
export function fieldsOf(input: UserInput): Pick<NewUser, 'username' | 'email' | 'name'> {
  return {
    username: input.username.normalize('NFKC').trim(),
    email: keyOf(input.email),
    name: input.name || null,
  };
}

/** The one answer when a name or an address is taken, which does not say which. */
export function taken(): AppError {
  return new AppError('conflict', 'This username or e-mail address is already registered.');
}

/** The user that must be there. @throws AppError `not_found` */
export function found(user: User | undefined): User {
  if (user === undefined) throw notFound('user');
  return user;
}
