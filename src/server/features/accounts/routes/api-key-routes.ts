import { z } from 'zod';

import { apiKeyListSchema, createApiKeySchema, createdApiKeySchema } from '../../../../shared/accounts.ts';
import { notFound } from '../../../errors.ts';
import { noContent, problemResponses } from '../../../http/add-openapi.ts';
import { userIdOf } from '../../../http/authenticate.ts';
import type { App } from '../../../http/http-app.ts';
import type { AccountsDependencies } from '../accounts-routes.ts';
import { type ApiKey, readScopes } from '../api-keys.ts';
import { assertNotApiKey } from './hand-over-session.ts';

const tags = ['Accounts'];

/** GET, POST and DELETE /auth/api-keys. */
export function registerApiKeyRoutes(app: App, { accounts }: AccountsDependencies): void {
  const { apiKeys } = accounts;

  app.get(
    '/api/v1/auth/api-keys',
    { schema: { summary: 'Your API keys', tags, response: { 200: apiKeyListSchema, ...problemResponses } } },
    async (request) => {
      const list = await apiKeys.listByUser(userIdOf(request.caller));
      return { api_keys: list.map(presentApiKey) };
    },
  );

  app.post(
    '/api/v1/auth/api-keys',
    {
      schema: {
        summary: 'Make an API key; the secret is shown this once',
        tags,
        body: createApiKeySchema,
        response: { 201: createdApiKeySchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      assertNotApiKey(request);
      const { name, scopes, expires_at: expiresAt } = request.body;
      const { role } = request.caller;
      const { apiKey, key } = await apiKeys.create({
        userId: userIdOf(request.caller),
        role,
        name,
        scopes,
        expiresAt,
      });
      void reply.header('cache-control', 'no-store');
      return reply.code(201).send({ ...presentApiKey(apiKey), key });
    },
  );

  app.delete(
    '/api/v1/auth/api-keys/:id',
    {
      schema: {
        summary: 'End an API key',
        tags,
        params: z.object({ id: z.coerce.number().int().min(1) }),
        response: { 204: noContent, ...problemResponses },
      },
    },
    async (request, reply) => {
      assertNotApiKey(request);
      const { id } = request.params;
      if (!(await apiKeys.remove(id, userIdOf(request.caller)))) throw notFound('API key', id);
      return reply.code(204).send(null);
    },
  );
}

function presentApiKey(apiKey: ApiKey): z.infer<typeof apiKeyListSchema>['api_keys'][number] {
  return {
    id: apiKey.id,
    name: apiKey.name,
    prefix: apiKey.prefix,
    scopes: readScopes(apiKey.scopes),
    created_at: apiKey.createdAt,
    expires_at: apiKey.expiresAt,
    last_used_at: apiKey.lastUsedAt,
  };
}
