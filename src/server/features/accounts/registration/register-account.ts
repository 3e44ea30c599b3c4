import type { Kysely } from 'kysely';

import type { Config } from '../../../config.ts';
import type { Tables } from '../../../database/tables.ts';
import { AppError } from '../../../errors.ts';
import type { Mailer } from '../../../mail/create-mailer.ts';
import { createAccountsStore, type User } from '../accounts-store.ts';
import { fieldsOf, found, taken, type UserInput } from '../manage-users.ts';
import { assertGoodPassword, hashPassword } from '../passwords.ts';
import { createSessionsStore } from '../sessions-store.ts';
import type { AddressProofs } from './address-proofs.ts';
import type { createMails } from './compose-mails.ts';
import { createInvitations } from './invitations.ts';

export type Registration = ReturnType<typeof createRegistration>;

/** Making accounts of one's own accord: openly, or with an invitation, with or without a confirmed address. */
export function createRegistration(options: {
  database: Kysely<Tables>;
  now: () => Date;
  rules: Pick<Config['security'], 'registration' | 'requiresVerifiedEmail'>;
  proofs: AddressProofs;
  mailer: Mailer;
  mails: ReturnType<typeof createMails>;
}) {
  const { database, now, rules, proofs, mailer, mails } = options;

  const add = (request: RegistrationRequest, passwordHash: string): Promise<User> =>
    database.transaction().execute(async (transaction) => {
      const { input, invitation: token, guestId } = request;
      const store = createAccountsStore({ database: transaction, now });
      const invitations = createInvitations({ database: transaction, now });
      const invitation = token === undefined ? undefined : await invitations.use(token, input.email);
      const { username, email } = input;
      const exceptId = guestId === null ? {} : { exceptId: guestId };
      if (await store.isTaken({ username, email, ...exceptId })) throw taken();
      const fields = {
        ...fieldsOf(input),
        passwordHash,
        role: invitation?.role ?? ('user' as const),
        expiresAt: null,
        emailVerifiedAt: null,
      };
      const user = guestId === null ? await store.insert(fields) : await store.update(guestId, fields);
      if (user === undefined) throw taken();
      if (guestId !== null) {
        await store.raiseTokenVersion(guestId);
        await createSessionsStore({ database: transaction, now }).revokeByUser(guestId);
      }
      if (invitation !== undefined) await invitations.noteUse(invitation.id, user.id);
      return found(await store.findById(user.id));
    });

  return {
    /**
     * Makes an account, or turns a guest into one, who keeps the chats while the guest's sessions end.
     * @returns the user; undefined when addresses must be confirmed, whether or not an account was made: the mail tells
     * @throws AppError `registration_closed`, `invitation_required`, `invalid_field`, and unless addresses must be
     * confirmed `conflict`, with one text whether the name or the address is taken
     */
    register: async (request: RegistrationRequest): Promise<User | undefined> => {
      const { input } = request;
      assertOpen(rules.registration, request.invitation);
      assertGoodPassword(input.password, input);
      const passwordHash = await hashPassword(input.password);
      if (!rules.requiresVerifiedEmail) {
        const user = await add(request, passwordHash);
        proofs.sendVerification(user);
        return user;
      }
      try {
        proofs.sendVerification(await add(request, passwordHash));
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'conflict') throw error;
        mailer.post(async () => {
          const owner = await createAccountsStore({ database, now }).findByLogin(input.email);
          return owner === undefined
            ? mails.usernameTaken(input.email)
            : mails.alreadyRegistered(input.email);
        });
      }
      return undefined;
    },

    /** Whether an account must confirm its address before it is used. */
    mustConfirm: (user: User): boolean => rules.requiresVerifiedEmail && user.emailVerifiedAt === null,
  };
}

export type RegistrationRequest = {
  input: UserInput;
  invitation: string | undefined;
  /** The guest who becomes this user. */
  guestId: number | null;
};

function assertOpen(mode: Config['security']['registration'], invitation: string | undefined): void {
  if (mode === 'closed') {
    throw new AppError('registration_closed', 'Registration is closed here. Ask an admin for an account.');
  }
  if (mode === 'invite' && invitation === undefined) {
    throw new AppError('invitation_required', 'Registration needs an invitation. Ask an admin for one.');
  }
}
