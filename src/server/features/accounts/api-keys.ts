import type { Kysely, Selectable } from 'kysely';
import { z } from 'zod';

import { type Scope, scopeSchema } from '../../../shared/accounts.ts';
import type { ApiKeysTable, Role, Tables } from '../../database/tables.ts';
import { AppError, invalidField } from '../../errors.ts';
import type { Identity } from '../../http/authenticate.ts';
import { canAct, toIdentity } from './manage-sessions.ts';
import { hashToken, randomToken, type RandomBytes } from './secrets.ts';

export type ApiKey = Selectable<ApiKeysTable>;
export type ApiKeys = ReturnType<typeof createApiKeys>;

const MAX_KEYS = 50;
const PREFIX_LENGTH = 12;
/** The last use is written at most once a minute, so that reads do not become writes. */
const LAST_USE_STEP_MS = 60_000;
const SCOPES_OF_ROLE: Record<Role, Scope[]> = {
  guest: [],
  user: ['read', 'chat'],
  curator: ['read', 'chat', 'knowledge'],
  admin: ['read', 'chat', 'knowledge', 'admin'],
};

/** API keys: random secrets of 256 bits with the prefix `wwhd_`, stored as hashes, with scopes and an end. */
export function createApiKeys(options: {
  database: Kysely<Tables>;
  now: () => Date;
  randomBytes: RandomBytes;
}) {
  const { database, now, randomBytes } = options;

  return {
    /**
     * Makes a key.
     * @param input.scopes default: what the role may read and ask
     * @returns the row, and the secret that is never shown again
     * @throws AppError `invalid_field` for scopes above the role and times gone by; `conflict` past 50 keys
     */
    create: async (input: {
      userId: number;
      role: Role;
      name: string;
      scopes?: Scope[] | undefined;
      expiresAt?: string | null | undefined;
    }): Promise<{ apiKey: ApiKey; key: string }> => {
      const { userId, role, name, scopes = ['read', 'chat'], expiresAt } = input;
      const missing = scopes.filter((scope) => !SCOPES_OF_ROLE[role].includes(scope));
      if (missing.length > 0)
        throw invalidField('scopes', `${missing.join(', ')} is more than your role ${role} has`);
      const expiry = expiresAt == null ? null : new Date(expiresAt).toISOString();
      if (expiry !== null && expiry <= now().toISOString())
        throw invalidField('expires_at', 'must be in the future');
      const { count } = await database
        .selectFrom('apiKeys')
        .select((eb) => eb.fn.countAll<number | string>().as('count'))
        .where('userId', '=', userId)
        .where('revokedAt', 'is', null)
        .executeTakeFirstOrThrow();
      if (Number(count) >= MAX_KEYS) {
        throw new AppError(
          'conflict',
          `You have ${MAX_KEYS} API keys. Remove one that is not used any more.`,
        );
      }
      const key = `wwhd_${randomToken(randomBytes)}`;
      const apiKey = await database
        .insertInto('apiKeys')
        .values({
          userId,
          name,
          prefix: key.slice(0, PREFIX_LENGTH),
          keyHash: hashToken(key),
          scopes: JSON.stringify([...new Set(scopes)]),
          createdAt: now().toISOString(),
          expiresAt: expiry,
          lastUsedAt: null,
          revokedAt: null,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      return { apiKey, key };
    },

    listByUser: (userId: number): Promise<ApiKey[]> =>
      database
        .selectFrom('apiKeys')
        .selectAll()
        .where('userId', '=', userId)
        .where('revokedAt', 'is', null)
        .orderBy('id')
        .execute(),

    /** @returns whether the user had such a key */
    remove: async (id: number, userId: number): Promise<boolean> => {
      const result = await database
        .updateTable('apiKeys')
        .set({ revokedAt: now().toISOString() })
        .where('id', '=', id)
        .where('userId', '=', userId)
        .where('revokedAt', 'is', null)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },

    /** Who holds a key that is valid now, with its scopes; notes the use. */
    read: async (key: string): Promise<Identity | undefined> => {
      const row = await database
        .selectFrom('apiKeys')
        .innerJoin('users', 'users.id', 'apiKeys.userId')
        .selectAll('users')
        .select([
          'apiKeys.id as keyId',
          'apiKeys.scopes',
          'apiKeys.lastUsedAt',
          'apiKeys.expiresAt as keyExpiresAt',
        ])
        .where('apiKeys.keyHash', '=', hashToken(key))
        .where('apiKeys.revokedAt', 'is', null)
        .executeTakeFirst();
      const time = now();
      if (row === undefined || !canAct(row, time)) return undefined;
      if (row.keyExpiresAt !== null && row.keyExpiresAt <= time.toISOString()) return undefined;
      if (row.lastUsedAt === null || Date.parse(row.lastUsedAt) + LAST_USE_STEP_MS <= time.getTime()) {
        const lastUsedAt = time.toISOString();
        await database.updateTable('apiKeys').set({ lastUsedAt }).where('id', '=', row.keyId).execute();
      }
      return { ...toIdentity(row), scopes: readScopes(row.scopes) };
    },
  };
}

/** The scopes of a stored key. */
export function readScopes(scopes: string): Scope[] {
  return z.array(scopeSchema).parse(JSON.parse(scopes));
}
