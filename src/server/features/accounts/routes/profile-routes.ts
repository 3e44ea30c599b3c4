import {
  type OwnAccount,
  ownAccountSchema,
  personalDataSchema,
  updateAccountSchema,
  type AccountSettings,
} from '../../../../shared/accounts.ts';
import { AppError, invalidField } from '../../../errors.ts';
import { noContent, problemResponses } from '../../../http/add-openapi.ts';
import { userIdOf } from '../../../http/authenticate.ts';
import type { App } from '../../../http/http-app.ts';
import type { AccountsDependencies } from '../accounts-routes.ts';
import type { User } from '../accounts-store.ts';
import type { Accounts } from '../create-accounts.ts';
import { presentUser, readSettings } from '../present-user.ts';
import { addressOf, assertNotApiKey, handOverSession, userAgentOf } from './hand-over-session.ts';

const tags = ['Accounts'];

/** GET, PATCH and DELETE /auth/me and GET /auth/me/export, with the alias /me. */
export function registerProfileRoutes(app: App, dependencies: AccountsDependencies): void {
  const { accounts, cookies, config } = dependencies;
  const { users, sessions, proofs } = accounts;

  for (const path of ['/api/v1/auth/me', '/api/v1/me']) {
    app.get(
      path,
      { schema: { summary: 'Your account', tags, response: { 200: ownAccountSchema, ...problemResponses } } },
      async (request) => presentOwn(accounts, await load(accounts, userIdOf(request.caller)), config.limits),
    );

    app.patch(
      path,
      {
        schema: {
          summary: 'Change your name, settings, address or password',
          description:
            'A new password or address needs the present password in `current_password` and ends all other sessions. A new address counts when the link mailed to it is opened.',
          tags,
          body: updateAccountSchema,
          response: { 200: ownAccountSchema, ...problemResponses },
        },
      },
      async (request, reply) => {
        assertNotApiKey(request);
        const { name, settings, email, password, current_password: current } = request.body;
        let user = await load(accounts, userIdOf(request.caller));
        if (email !== undefined || password !== undefined) {
          await assertPassword(accounts, { user, current, address: addressOf(request) });
        }
        if (email !== undefined && email.toLowerCase() !== user.email) {
          const isChanged = await proofs.changeEmail(user, email, request.caller.sessionId);
          if (isChanged) user = await load(accounts, user.id);
        }
        if (password !== undefined) {
          user = await users.setPassword(user, password);
          if (request.caller.via === 'cookie') {
            const opened = await sessions.open(user, userAgentOf(request));
            handOverSession({ request, reply, cookies, opened, byCookie: true });
          }
        }
        if (name !== undefined || settings !== undefined) {
          user = await users.updateProfile(user.id, changesOf(user, { name, settings }));
        }
        return presentOwn(accounts, user, config.limits);
      },
    );

    app.get(
      `${path}/export`,
      {
        schema: {
          summary: 'Everything held about you, as one JSON file',
          tags,
          response: { 200: personalDataSchema, ...problemResponses },
        },
      },
      async (request, reply) => {
        assertNotApiKey(request);
        const data = await accounts.exportUser(await load(accounts, userIdOf(request.caller)));
        void reply.header('content-disposition', 'attachment; filename="wwhd-export.json"');
        void reply.header('cache-control', 'no-store');
        return data;
      },
    );

    app.delete(
      path,
      {
        schema: {
          summary: 'Erase your account and all your chats',
          tags,
          response: { 204: noContent, ...problemResponses },
        },
      },
      async (request, reply) => {
        assertNotApiKey(request);
        await accounts.eraseUser(userIdOf(request.caller));
        if (request.caller.via === 'cookie') cookies.clear(reply);
        return reply.code(204).send(null);
      },
    );
  }
}

/** Wrong guesses count as failed sign-ins: a stolen token must not be a way to find the password. */
async function assertPassword(
  { users, lockout }: Accounts,
  options: { user: User; current: string | undefined; address: string },
): Promise<void> {
  const { user, current, address } = options;
  const isFailure = (error: unknown) => error instanceof AppError;
  await lockout.guard({ login: user.usernameKey, address, isFailure }, async () => {
    if (current === undefined || !(await users.isPasswordOf(user.id, current))) {
      throw invalidField('current_password', 'is not your present password');
    }
  });
}

async function load(accounts: Accounts, id: number): Promise<User> {
  const user = await accounts.users.findUser(id);
  if (user === undefined) throw new AppError('invalid_token', 'This account has been erased.');
  return user;
}

function changesOf(
  user: User,
  changes: { name: string | null | undefined; settings: AccountSettings | undefined },
): { name?: string | null; settings?: string } {
  const { name, settings } = changes;
  return {
    ...(name === undefined ? {} : { name: name || null }),
    ...(settings === undefined ? {} : { settings: JSON.stringify({ ...readSettings(user), ...settings }) }),
  };
}

async function presentOwn(
  { users, now }: Accounts,
  user: User,
  { tokensPerDay }: { tokensPerDay: number },
): Promise<OwnAccount> {
  const today = now().toISOString().slice(0, 10);
  const usage = await users.usageSince(user.id, `${today}T00:00:00.000Z`);
  return {
    ...presentUser(user),
    email_verified: user.emailVerifiedAt !== null,
    settings: readSettings(user),
    usage: {
      tokens_used_today: usage.tokens,
      tokens_limit_daily: tokensPerDay === 0 ? null : tokensPerDay,
      cost_today: usage.costMicros / 1_000_000,
    },
  };
}
