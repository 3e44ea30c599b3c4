import { z } from 'zod';

import { accountSchema, setupSchema, setupStateSchema } from '../../../../shared/accounts.ts';
import { problemResponses } from '../../../http/add-openapi.ts';
import type { App } from '../../../http/http-app.ts';
import type { AccountsDependencies } from '../accounts-routes.ts';
import { usernameFrom } from '../manage-users.ts';
import { presentUser } from '../present-user.ts';
import { handOverSession, userAgentOf, wantsCookie } from './hand-over-session.ts';

const tags = ['Set-up'];
const querystring = z.object({ token: z.string().min(1).max(200) });

/** GET and POST /setup?token=: the first admin, by the link that the console shows. */
export function registerSetupRoutes(app: App, dependencies: AccountsDependencies): void {
  const { accounts, cookies, loadSampleKnowledge } = dependencies;

  app.get(
    '/api/v1/setup',
    {
      schema: {
        summary: 'Whether a set-up link is still open',
        tags,
        querystring,
        response: { 200: setupStateSchema, ...problemResponses },
      },
    },
    async (request) => {
      await accounts.setup.assertOpen(request.query.token);
      return { is_open: true as const, can_load_sample: loadSampleKnowledge !== undefined };
    },
  );

  app.post(
    '/api/v1/setup',
    {
      schema: {
        summary: 'Make the first admin; the link works once',
        tags,
        querystring,
        body: setupSchema,
        response: { 201: accountSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { email, username, password, name, knowledge } = request.body;
      const user = await accounts.setup.createFirstAdmin(request.query.token, {
        email,
        password,
        username: username ?? usernameFrom(email),
        name: name ?? null,
      });
      if (knowledge === 'sample') await loadSampleKnowledge?.();
      if (wantsCookie(request)) {
        const opened = await accounts.sessions.open(user, userAgentOf(request));
        handOverSession({ request, reply, cookies, opened, byCookie: true });
      }
      return reply.code(201).send(presentUser(user));
    },
  );
}
