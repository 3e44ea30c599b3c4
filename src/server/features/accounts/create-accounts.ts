import type { Kysely } from 'kysely';

import type { Config } from '../../config.ts';
import type { Tables } from '../../database/tables.ts';
import { AppError } from '../../errors.ts';
import type { Identities } from '../../http/authenticate.ts';
import type { Mailer } from '../../mail/create-mailer.ts';
import type { User } from './accounts-store.ts';
import { createApiKeys } from './api-keys.ts';
import { createAccessTokens } from './issue-tokens.ts';
import { loadSigningKeys } from './keys/key-file.ts';
import { createLockout } from './lockout/create-lockout.ts';
import { createSessions, toIdentity } from './manage-sessions.ts';
import { createUsers } from './manage-users.ts';
import { exportUser } from './personal-data/export-user.ts';
import { createAddressProofs } from './registration/address-proofs.ts';
import { createMails } from './registration/compose-mails.ts';
import { createInvitations } from './registration/invitations.ts';
import { createRegistration } from './registration/register-account.ts';
import { createSecondFactor } from './second-factor/manage-second-factor.ts';
import { createSealer } from './second-factor/seal-secret.ts';
import type { RandomBytes } from './secrets.ts';
import { createSetup } from './setup-link.ts';
import { createSingleSignOn } from './single-sign-on/create-single-sign-on.ts';

export type Accounts = ReturnType<typeof createAccounts>;

/**
 * Everything about accounts, made once in the composition root: `identities` goes to createHttpApp, the rest to
 * registerAccounts and the command line.
 * @throws AppError `unavailable` when the keys of tokens cannot be kept in the data folder
 */
export function createAccounts(options: {
  database: Kysely<Tables>;
  config: Pick<Config, 'security' | 'data' | 'server'>;
  now: () => Date;
  randomBytes: RandomBytes;
  mailer: Mailer;
  /** Removes what was deleted from the files of the database too. */
  purgeDeleted: () => Promise<boolean>;
}) {
  const { database, config, now, randomBytes, mailer, purgeDeleted } = options;
  const keys = loadSigningKeys({
    security: config.security,
    dataFolder: config.data.folder,
    randomBytes,
    now,
  });
  const tokens = createAccessTokens({
    keys,
    issuer: config.security.jwtIssuer,
    audience: config.security.jwtAudience,
    now,
    randomBytes,
  });
  const { publicUrl, port } = config.server;
  const baseUrl = publicUrl?.replace(/\/$/, '') ?? `http://localhost:${port}`;
  const mails = createMails(baseUrl);
  const proofs = createAddressProofs({ database, now, randomBytes, mailer, mails });
  const registration = createRegistration({ database, now, rules: config.security, proofs, mailer, mails });
  const invitations = createInvitations({ database, now });
  const lockout = createLockout({ database, now });
  const { oidc } = config.security;
  const sealer = createSealer({ keys, randomBytes });
  const singleSignOn = oidc && createSingleSignOn({ database, settings: oidc, baseUrl, sealer, now });
  const secondFactor = createSecondFactor({ database, sealer, now, randomBytes });
  const sessions = createSessions({
    database,
    tokens,
    now,
    randomBytes,
    admit: async (user, { otp }) => {
      await secondFactor.check(user.id, otp);
      if (registration.mustConfirm(user)) throw unconfirmed();
    },
  });
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
  const users = createUsers({ database, now });
  return {
    users,
    exportUser: (user: User) => exportUser({ database, user, now: now() }),
    /** Erases a user and all that is theirs, also from the files. @throws AppError `conflict` for the last admin */
    eraseUser: async (id: number): Promise<void> => {
      await users.eraseUser(id);
      await purgeDeleted();
    },
    sessions,
    apiKeys,
    registration,
    proofs,
    invitations,
    lockout,
    secondFactor,
    /** Undefined when no provider is configured. */
    singleSignOn,
    mailer,
    /** Makes an invitation and mails it when it is for an address. */
    invite: async (input: Omit<Parameters<typeof invitations.create>[0], 'randomBytes'>) => {
      const made = await invitations.create({ ...input, randomBytes });
      const { email } = made.invitation;
      if (email !== null) mailer.post(async () => mails.invited(email, made.token));
      return made;
    },
    /** Forgets what is over; for the daily upkeep. @returns how many rows */
    removeExpired: async (): Promise<number> => {
      let count = await sessions.removeExpired();
      count += await proofs.removeExpired();
      count += await lockout.removeExpired();
      // Also what a reader was still holding when someone was erased.
      await purgeDeleted();
      return count;
    },
    setup: createSetup({ database, now, randomBytes }),
    identities,
    /** The keys of access tokens, from which others are derived. */
    keys,
    now,
  };
}

function unconfirmed(): AppError {
  return new AppError(
    'email_unverified',
    'Confirm your address first: open the link in our mail, or ask for a new password to get another.',
  );
}
