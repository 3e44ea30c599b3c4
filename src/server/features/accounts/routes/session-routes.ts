import { z } from 'zod';

import { refreshSchema, sessionListSchema, tokenPairSchema } from '../../../../shared/accounts.ts';
import { AppError, notFound } from '../../../errors.ts';
import { noContent, problemResponses } from '../../../http/add-openapi.ts';
import { userIdOf } from '../../../http/authenticate.ts';
import type { App } from '../../../http/http-app.ts';
import type { AccountsDependencies } from '../accounts-routes.ts';
import { assertNotApiKey, handOverSession } from './hand-over-session.ts';

const tags = ['Accounts'];

/** POST /auth/refresh and /auth/logout; GET and DELETE /auth/sessions. */
export function registerSessionRoutes(app: App, dependencies: AccountsDependencies): void {
  registerTokenRoutes(app, dependencies);
  registerListRoutes(app, dependencies);
}

function registerTokenRoutes(app: App, { accounts, cookies }: AccountsDependencies): void {
  const { sessions } = accounts;

  app.post(
    '/api/v1/auth/refresh',
    {
      schema: {
        summary: 'Exchange a refresh token for a new pair; using one twice ends the session',
        tags,
        body: refreshSchema,
        response: { 200: tokenPairSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const given = request.body?.refresh_token ?? undefined;
      const fromCookie = cookies.readSession(request);
      if (given === undefined && fromCookie !== undefined) cookies.assertCsrf(request, fromCookie);
      const token = given ?? fromCookie;
      if (token === undefined) throw new AppError('unauthenticated', 'Send a refresh_token.');
      const opened = await sessions.refresh(token);
      return handOverSession({ request, reply, cookies, opened, byCookie: given === undefined });
    },
  );

  app.post(
    '/api/v1/auth/logout',
    {
      schema: {
        summary: 'End the session of a refresh token, an access token or the cookies',
        tags,
        body: refreshSchema,
        response: { 204: noContent, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { sessionId } = request.caller;
      const given = request.body?.refresh_token ?? undefined;
      const fromCookie = cookies.readSession(request);
      if (given === undefined && sessionId === undefined && fromCookie === undefined) {
        throw new AppError('unauthenticated', 'Send the refresh_token of the session to end.');
      }
      if (given !== undefined) await sessions.endByToken(given);
      if (sessionId !== undefined) await sessions.end(sessionId);
      // A cookie that holds no session any more is cleared, else the browser could never start afresh.
      if (fromCookie !== undefined) cookies.clear(reply);
      return reply.code(204).send(null);
    },
  );
}

function registerListRoutes(app: App, { accounts }: AccountsDependencies): void {
  const { sessions } = accounts;

  app.get(
    '/api/v1/auth/sessions',
    { schema: { summary: 'Your sessions', tags, response: { 200: sessionListSchema, ...problemResponses } } },
    async (request) => {
      const list = await sessions.list(userIdOf(request.caller));
      return {
        sessions: list.map((session) => ({
          id: session.lineId,
          user_agent: session.userAgent,
          created_at: session.createdAt,
          refreshed_at: session.refreshedAt,
          expires_at: session.expiresAt,
          is_current: session.lineId === request.caller.sessionId,
        })),
      };
    },
  );

  app.delete(
    '/api/v1/auth/sessions',
    {
      schema: {
        summary: 'End all your other sessions',
        tags,
        response: { 204: noContent, ...problemResponses },
      },
    },
    async (request, reply) => {
      assertNotApiKey(request);
      await sessions.endAll(userIdOf(request.caller), request.caller.sessionId);
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/api/v1/auth/sessions/:id',
    {
      schema: {
        summary: 'End one of your sessions',
        tags,
        params: z.object({ id: z.string().max(100) }),
        response: { 204: noContent, ...problemResponses },
      },
    },
    async (request, reply) => {
      assertNotApiKey(request);
      const isEnded = await sessions.end(request.params.id, userIdOf(request.caller));
      if (!isEnded) throw notFound('session');
      return reply.code(204).send(null);
    },
  );
}
