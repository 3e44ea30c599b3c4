import type { Kysely } from 'kysely';

import type { Tables } from '../../../database/tables.ts';
import { AppError } from '../../../errors.ts';
import { createAccountsStore, keyOf, type User } from '../accounts-store.ts';
import { canAct } from '../manage-sessions.ts';
import { createUsers, found, usernameFrom } from '../manage-users.ts';
import type { Claims } from './identity-provider.ts';
import { mapRole, type RoleRules } from './map-role.ts';

/**
 * The account of someone whom a provider has signed in: the one linked before; else the one whose confirmed address
 * the provider has confirmed too, which is linked now; else a new one without a password. Addresses that either side
 * has not confirmed link nothing, since anyone could have typed them.
 * @throws AppError `forbidden` for a disabled account; `conflict` when the address belongs to an account here that
 * has not confirmed it
 */
export async function findAccount(options: {
  database: Kysely<Tables>;
  now: () => Date;
  issuer: string;
  claims: Claims;
  rules: RoleRules;
}): Promise<User> {
  const { database, now, issuer, claims, rules } = options;
  const user = await database.transaction().execute(async (transaction) => {
    const linked = await findLinked(transaction, { issuer, subject: claims.sub });
    if (linked !== undefined) return linked;
    const account =
      (await findByAddress(transaction, { now, claims })) ?? (await create(transaction, { now, claims }));
    await transaction
      .insertInto('externalIdentities')
      .values({ userId: account.id, issuer, subject: claims.sub, createdAt: now().toISOString() })
      .execute();
    return account;
  });
  if (!canAct(user, now())) throw new AppError('forbidden', 'This account is disabled. Ask an admin.');
  const role = mapRole(claims, rules);
  if (role === undefined || role === user.role) return user;
  return changeRole(createUsers({ database, now }), user, role);
}

type Context = { now: () => Date; claims: Claims };

function findLinked(database: Kysely<Tables>, identity: { issuer: string; subject: string }) {
  return database
    .selectFrom('externalIdentities')
    .innerJoin('users', 'users.id', 'externalIdentities.userId')
    .selectAll('users')
    .where('issuer', '=', identity.issuer)
    .where('subject', '=', identity.subject)
    .executeTakeFirst();
}

async function findByAddress(database: Kysely<Tables>, { now, claims }: Context): Promise<User | undefined> {
  const email = confirmedAddress(claims);
  if (email === undefined) return undefined;
  const user = await createAccountsStore({ database, now }).findByLogin(email);
  if (user !== undefined && user.emailVerifiedAt === null) {
    throw new AppError(
      'conflict',
      'There is an account with your address that has not confirmed it. Confirm it there, or ask an admin.',
    );
  }
  return user;
}

async function create(database: Kysely<Tables>, { now, claims }: Context): Promise<User> {
  const store = createAccountsStore({ database, now });
  const email = confirmedAddress(claims);
  const wanted = [claims['preferred_username'], claims['name'], email, claims.sub].find(isText) ?? '';
  const base = usernameFrom(wanted, 'user');
  for (let count = 1; ; count++) {
    const username = count === 1 ? base : `${base}-${count}`;
    if (await store.isTaken({ username, email: null })) continue;
    const name = claims['name'];
    return found(
      await store.insert({
        username,
        email: email ?? null,
        name: isText(name) ? name.slice(0, 100) : null,
        passwordHash: null,
        role: 'user',
        expiresAt: null,
        emailVerifiedAt: email === undefined ? null : now().toISOString(),
      }),
    );
  }
}

async function changeRole(
  users: ReturnType<typeof createUsers>,
  user: User,
  role: NonNullable<ReturnType<typeof mapRole>>,
): Promise<User> {
  try {
    return await users.changeUser(user.id, { role, isActive: undefined });
  } catch (error) {
    // The last admin stays one: a mistake in the provider's groups must not leave nobody.
    if (error instanceof AppError && error.code === 'conflict') return user;
    throw error;
  }
}

function confirmedAddress(claims: Claims): string | undefined {
  const { email, email_verified: isVerified } = claims;
  const isUsable = isText(email) && email.includes('@') && email.length <= 254;
  return isUsable && (isVerified === true || isVerified === 'true') ? keyOf(email) : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
