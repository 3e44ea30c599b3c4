import {
  claimedSchema,
  claimSchema,
  credentialsSchema,
  guestSchema,
  tokenPairSchema,
} from '../../../../shared/accounts.ts';
import { AppError, invalidField } from '../../../errors.ts';
import { problemResponses } from '../../../http/add-openapi.ts';
import { userIdOf } from '../../../http/authenticate.ts';
import type { App } from '../../../http/http-app.ts';
import type { AccountsDependencies } from '../accounts-routes.ts';
import { keyOf } from '../accounts-store.ts';
import {
  addressOf,
  assertNotApiKey,
  handOverSession,
  userAgentOf,
  wantsCookie,
} from './hand-over-session.ts';

const tags = ['Accounts'];

/** POST /auth/token (alias /auth/login), /auth/guest and /auth/claim. */
export function registerSignInRoutes(app: App, dependencies: AccountsDependencies): void {
  const { accounts, cookies, config } = dependencies;
  const { sessions, lockout } = accounts;

  for (const path of ['/api/v1/auth/token', '/api/v1/auth/login']) {
    app.post(
      path,
      {
        schema: {
          summary: 'Sign in with a name or address and a password',
          description:
            'JSON or form. An account with a second factor answers 401 `second_factor_required` until `otp` is sent too. With `X-Session: cookie` a page gets HttpOnly cookies and a CSRF cookie.',
          tags,
          body: credentialsSchema,
          response: { 200: tokenPairSchema, ...problemResponses },
        },
      },
      async (request, reply) => {
        const { username, email, password, otp, session } = request.body;
        const login = keyOf(username?.trim() || email || '');
        const byCookie = wantsCookie(request, session);
        if (byCookie) cookies.assertSameSite(request);
        const opened = await lockout.guard({ login, address: addressOf(request), isFailure }, () =>
          sessions.signIn({ login, password, otp: otp ?? undefined, userAgent: userAgentOf(request) }),
        );
        if (request.caller.role === 'guest' && request.caller.userId !== null) {
          await sessions.claim(request.caller.userId, opened.user.id);
        }
        return handOverSession({ request, reply, cookies, opened, byCookie });
      },
    );
  }

  app.post(
    '/api/v1/auth/guest',
    {
      schema: {
        summary: 'Start as a guest, without an account',
        tags,
        body: guestSchema,
        response: { 200: tokenPairSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      if (!config.security.allowGuests) {
        throw new AppError('forbidden', 'Guests are not allowed here. Sign in or register.');
      }
      const byCookie = wantsCookie(request, request.body?.session);
      if (byCookie) cookies.assertSameSite(request);
      const opened = await sessions.openGuest(userAgentOf(request));
      return handOverSession({ request, reply, cookies, opened, byCookie });
    },
  );

  app.post(
    '/api/v1/auth/claim',
    {
      schema: {
        summary: "Take over a guest's chats",
        description:
          'The guest is named by an access or refresh token, or by the guest cookie of the browser.',
        tags,
        body: claimSchema,
        response: { 200: claimedSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      assertNotApiKey(request);
      const userId = userIdOf(request.caller);
      const token = request.body?.guest_token ?? cookies.readGuestSession(request);
      if (token === undefined) throw invalidField('guest_token', 'is required');
      const guest = (await sessions.readAccessToken(token)) ?? (await sessions.readSession(token));
      if (guest === undefined || guest.role !== 'guest') {
        throw invalidField('guest_token', 'is not the token of a guest');
      }
      const movedChats = await sessions.claim(guest.userId, userId);
      cookies.clearGuest(reply);
      return { moved_chats: movedChats };
    },
  );
}

function isFailure(error: unknown): boolean {
  return error instanceof AppError && error.code === 'invalid_credentials';
}
