import { z } from 'zod';

import { AppError, notFound } from '../../../errors.ts';
import { problemResponses } from '../../../http/add-openapi.ts';
import type { App } from '../../../http/http-app.ts';
import type { AccountsDependencies } from '../accounts-routes.ts';
import { userAgentOf } from './hand-over-session.ts';

const tags = ['Accounts'];
const redirect = { 302: z.null().describe('To the provider, or to the page'), ...problemResponses };

/** GET /auth/oidc/start and /auth/oidc/callback: the browser goes to the provider and comes back with a session. */
export function registerSingleSignOnRoutes(app: App, { accounts, cookies }: AccountsDependencies): void {
  const { singleSignOn, sessions } = accounts;

  app.get(
    '/api/v1/auth/oidc/start',
    { schema: { summary: 'Sign in by the configured provider', tags, response: redirect } },
    async (_request, reply) => {
      if (singleSignOn === undefined) throw notFound('single sign-on');
      const { url, flowToken } = await singleSignOn.start();
      cookies.setFlow(reply, flowToken);
      return reply.header('cache-control', 'no-store').redirect(url, 302);
    },
  );

  app.get(
    '/api/v1/auth/oidc/callback',
    { schema: { summary: 'Where the provider sends the browser back to', tags, response: redirect } },
    async (request, reply) => {
      if (singleSignOn === undefined) throw notFound('single sign-on');
      const flowToken = cookies.readFlow(request);
      cookies.clearFlow(reply);
      if (flowToken === undefined) {
        throw new AppError(
          'invalid_token',
          'This sign-in was not begun here, or took too long. Begin again.',
        );
      }
      const user = await singleSignOn.finish(new URL(request.url, 'http://localhost').search, flowToken);
      const opened = await sessions.open(user, userAgentOf(request));
      const { caller } = request;
      if (caller.role === 'guest' && caller.userId !== null) await sessions.claim(caller.userId, user.id);
      cookies.setSession({ reply, sessionToken: opened.refreshToken, kind: 'user' });
      return reply.header('cache-control', 'no-store').redirect('/app', 302);
    },
  );
}
