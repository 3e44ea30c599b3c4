import type { Kysely } from 'kysely';

import type { Tables } from '../../../database/tables.ts';
import type { Mailer } from '../../../mail/create-mailer.ts';
import { AppError } from '../../../errors.ts';
import { createAccountsStore, keyOf, type User } from '../accounts-store.ts';
import { found, taken } from '../manage-users.ts';
import { assertGoodPassword, hashPassword } from '../passwords.ts';
import type { RandomBytes } from '../secrets.ts';
import { createSessionsStore } from '../sessions-store.ts';
import type { createMails } from './compose-mails.ts';
import { createMailTokens, linkEnded } from './mail-tokens.ts';

export type AddressProofs = ReturnType<typeof createAddressProofs>;

/**
 * What a mailed link proves and allows: confirming an address, changing it, choosing a new password. Whether an
 * address has an account shows in no answer and no answer's time: looking it up and mailing happen afterwards.
 */
export function createAddressProofs(options: {
  database: Kysely<Tables>;
  now: () => Date;
  randomBytes: RandomBytes;
  mailer: Mailer;
  mails: ReturnType<typeof createMails>;
}) {
  const { database, now, randomBytes, mailer, mails } = options;
  const users = createAccountsStore({ database, now });
  const tokens = createMailTokens({ database, now });

  const setEmail = (user: User, email: string, proof: { isVerified: boolean; keptLineId?: string }) =>
    database.transaction().execute((transaction) => applyEmail(transaction, { user, email, ...proof }));

  const applyEmail = async (
    transaction: Kysely<Tables>,
    change: { user: User; email: string; isVerified: boolean; keptLineId?: string },
  ): Promise<void> => {
    const { user, email, isVerified, keptLineId } = change;
    const store = createAccountsStore({ database: transaction, now });
    if (await store.isTaken({ username: user.username, email, exceptId: user.id })) throw taken();
    await store.update(user.id, {
      email: keyOf(email),
      emailVerifiedAt: isVerified ? now().toISOString() : null,
    });
    await createSessionsStore({ database: transaction, now }).revokeByUser(user.id, keptLineId);
  };

  return {
    /** Mails a link that confirms a user's address, if this server sends mail. */
    sendVerification: (user: User): void =>
      mailer.post(async () => {
        if (user.email === null) return undefined;
        const input = { userId: user.id, purpose: 'verify-email', email: user.email, randomBytes } as const;
        const token = await tokens.issue(input);
        return token === undefined ? undefined : mails.verifyEmail(user.email, token);
      }),

    /**
     * Mails a link to choose a new password to whoever has the address; nothing happens when nobody has.
     * @throws AppError `forbidden` when this server sends no mail
     */
    forgot: (email: string): void => {
      if (!mailer.isOn) {
        throw new AppError('forbidden', 'This server sends no mail. Ask an admin for a new password.');
      }
      mailer.post(async () => {
        const user = await users.findByLogin(email);
        if (user?.email == null || user.isActive === 0) return undefined;
        const input = { userId: user.id, purpose: 'reset-password', email: user.email, randomBytes } as const;
        const token = await tokens.issue(input);
        return token === undefined ? undefined : mails.resetPassword(user.email, token);
      });
    },

    /**
     * Sets a new password by a mailed link, which also confirms the address; all sessions end.
     * @throws AppError `invalid_field`; a password that is too easy leaves the link open
     */
    reset: async (token: string, password: string): Promise<User> => {
      const open = await tokens.findOpen(token, ['reset-password']);
      const user = open === undefined ? undefined : await users.findById(open.userId);
      if (user === undefined) throw linkEnded();
      assertGoodPassword(password, { username: user.username, email: user.email ?? '' });
      const passwordHash = await hashPassword(password);
      return database.transaction().execute(async (transaction) => {
        const used = await createMailTokens({ database: transaction, now }).use(token, ['reset-password']);
        const store = createAccountsStore({ database: transaction, now });
        const current = found(await store.findById(user.id));
        if (current.email !== used.email) throw linkEnded();
        await store.raiseTokenVersion(user.id);
        await createSessionsStore({ database: transaction, now }).revokeByUser(user.id);
        return found(await store.update(user.id, { passwordHash, emailVerifiedAt: now().toISOString() }));
      });
    },

    /**
     * Confirms an address by a mailed link; a changed address becomes the account's, and other sessions end.
     * @param keptSession the session of who opens the link, kept when it is the same user's
     * @throws AppError `invalid_field`; `conflict` when someone else has the address meanwhile
     */
    verify: async (token: string, keptSession?: { userId: number; lineId: string }): Promise<void> => {
      const former = await database.transaction().execute(async (transaction) => {
        const purposes = ['verify-email', 'change-email'] as const;
        const used = await createMailTokens({ database: transaction, now }).use(token, purposes);
        const store = createAccountsStore({ database: transaction, now });
        const user = found(await store.findById(used.userId));
        if (used.purpose === 'verify-email') {
          if (user.email !== used.email) throw linkEnded();
          await store.update(user.id, { emailVerifiedAt: now().toISOString() });
          return undefined;
        }
        const isOwn = keptSession?.userId === user.id;
        await applyEmail(transaction, {
          user,
          email: used.email,
          isVerified: true,
          ...(isOwn ? { keptLineId: keptSession.lineId } : {}),
        });
        return user.email;
      });
      if (former) mailer.post(async () => mails.emailChanged(former));
    },

    /**
     * Changes an address of someone who has shown the password: by a link mailed to the new one, or at once, with the
     * other sessions ended, where no mail is sent.
     * @returns whether it is changed already
     * @throws AppError `conflict` at once only where no mail is sent; else a taken address gets no mail
     */
    changeEmail: async (user: User, email: string, keptLineId?: string): Promise<boolean> => {
      if (!mailer.isOn) {
        await setEmail(user, email, { isVerified: false, ...(keptLineId ? { keptLineId } : {}) });
        return true;
      }
      mailer.post(async () => {
        if (await users.isTaken({ username: user.username, email, exceptId: user.id })) return undefined;
        const input = {
          userId: user.id,
          purpose: 'change-email',
          email: keyOf(email),
          randomBytes,
        } as const;
        const token = await tokens.issue(input);
        return token === undefined ? undefined : mails.verifyEmail(keyOf(email), token);
      });
      return false;
    },

    removeExpired: tokens.removeExpired,
  };
}
