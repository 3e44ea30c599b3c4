import type { Kysely } from 'kysely';

import type { Tables } from '../../database/tables.ts';
import { AppError } from '../../errors.ts';
import type { User } from './accounts-store.ts';
import { createUsers, type UserInput } from './manage-users.ts';
import { hashToken, isSameHash, randomToken, type RandomBytes } from './secrets.ts';

const KEY = 'setup_token_hash';

export type SetupLink = ReturnType<typeof createSetup>;

/**
 * The first admin is made by whoever can read the console: a link with a random token, of which only the hash is
 * stored. It ends when it is used, when there is an admin, and when the next start prints another.
 */
export function createSetup(options: {
  database: Kysely<Tables>;
  now: () => Date;
  randomBytes: RandomBytes;
}) {
  const { database, now, randomBytes } = options;

  const isOpenFor = async (source: Kysely<Tables>, token: string): Promise<boolean> => {
    const row = await source.selectFrom('settings').select('value').where('key', '=', KEY).executeTakeFirst();
    if (row === undefined || !isSameHash(row.value, hashToken(token))) return false;
    return !(await createUsers({ database: source, now }).hasAdmin());
  };

  return {
    /**
     * Makes the link for this start and ends the one before.
     * @param baseUrl where the page is served, without a slash at the end
     * @returns the address, or undefined when there is an admin already
     */
    createSetupLink: async (baseUrl: string): Promise<string | undefined> => {
      if (await createUsers({ database, now }).hasAdmin()) {
        await database.deleteFrom('settings').where('key', '=', KEY).execute();
        return undefined;
      }
      const token = randomToken(randomBytes);
      const value = hashToken(token);
      await database
        .insertInto('settings')
        .values({ key: KEY, value })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
        .execute();
      return `${baseUrl}/setup?token=${token}`;
    },

    /** @throws AppError `forbidden` when the token is wrong, used up, or there is an admin */
    assertOpen: async (token: string): Promise<void> => {
      if (!(await isOpenFor(database, token))) throw linkEnded();
    },

    /**
     * Makes the first admin and ends the link; of parallel attempts one succeeds.
     * @throws AppError `forbidden`, `conflict`, `invalid_field`
     */
    createFirstAdmin: async (token: string, input: UserInput): Promise<User> => {
      if (!(await isOpenFor(database, token))) throw linkEnded();
      return database.transaction().execute(async (transaction) => {
        if (!(await isOpenFor(transaction, token))) throw linkEnded();
        const user = await createUsers({ database: transaction, now }).createUser({
          ...input,
          role: 'admin',
        });
        await transaction.deleteFrom('settings').where('key', '=', KEY).execute();
        return user;
      });
    },
  };
}

function linkEnded(): AppError {
  return new AppError(
    'forbidden',
    'This set-up link is wrong or has been used. Sign in, or start the server again for a new link.',
  );
}
