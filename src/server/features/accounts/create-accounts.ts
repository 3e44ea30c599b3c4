import type { Kysely } from 'kysely';

import type { Config } from '../../config.ts';
import type { Tables } from '../../database/tables.ts';
import type { Identities } from '../../http/authenticate.ts';
import { createApiKeys } from './api-keys.ts';
import { createAccessTokens } from './issue-tokens.ts';
import { loadJwtSecret } from './load-jwt-secret.ts';
import { createSessions, toIdentity } from './manage-sessions.ts';
import { createUsers } from './manage-users.ts';
import type { RandomBytes } from './secrets.ts';
import { createSetup } from './setup-link.ts';

export type Accounts = ReturnType<typeof createAccounts>;

/**
 * Everything about accounts, made once in the composition root: `identities` goes to createHttpApp, the rest to
 * registerAccounts and the command line.
 * @throws AppError `unavailable` when the development secret cannot be kept in the data folder
 */
export function createAccounts(options: {
  database: Kysely<Tables>;
  config: Pick<Config, 'security' | 'data'>;
  now: () => Date;
  randomBytes: RandomBytes;
}) {
  const { database, config, now, randomBytes } = options;
  const secret = loadJwtSecret({
    configured: config.security.jwtSecret,
    dataFolder: config.data.folder,
    randomBytes,
  });
  const tokens = createAccessTokens({
    secrets: [secret],
    issuer: config.security.jwtIssuer,
    audience: config.security.jwtAudience,
    now,
    randomBytes,
  });
  const sessions = createSessions({ database, tokens, now, randomBytes });
  const apiKeys = createApiKeys({ database, now, randomBytes });
  const identities: Identities = {
    readAccessToken: sessions.readAccessToken,
    readApiKey: apiKeys.read,
    readSession: sessions.readSession,
    createGuest: async () => {
      const { user, refreshToken } = await sessions.openGuest(null);
      return { identity: toIdentity(user), sessionToken: refreshToken };
    },
  };
  return {
    users: createUsers({ database, now }),
    sessions,
    apiKeys,
    setup: createSetup({ database, now, randomBytes }),
    identities,
    now,
  };
}
