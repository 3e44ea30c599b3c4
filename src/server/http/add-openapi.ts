import swagger from '@fastify/swagger';
import swaggerPage from '@fastify/swagger-ui';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';

import { problemSchema } from '../../shared/problem.ts';
import { problemMediaType } from './error-handler.ts';
import type { App } from './http-app.ts';

/** The one style attribute in Swagger UI's page, which hides its sheet of icons; allowed there by its hash. */
const ICON_SHEET_STYLE = "'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='";

const problem = {
  description: 'Problem details (RFC 9457)',
  content: { [problemMediaType]: { schema: problemSchema } },
};

/** Responses that any route can give; spread into `schema.response` beside its own. */
export const problemResponses = { '4xx': problem, '5xx': problem } as const;

/** The response of a route that answers text of another media type than JSON. */
export const textResponse = (mediaType: string, description: string) => ({
  description,
  content: { [mediaType]: { schema: z.string() } },
});

/** The response of a route that answers 204. */
export const noContent = z.null().describe('Done; no content');

/** Serves OpenAPI 3.1 made from the zod schemas at /openapi.json and a page to try them at /docs. */
export async function addOpenApi(app: App, options: { version: string }): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'WWHD',
        version: options.version,
        description: 'A chat server whose personas answer only from curated knowledge, with citations.',
      },
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description: 'An access token, or an API key (wwhd_...).',
          },
          session: { type: 'apiKey', in: 'cookie', name: 'wwhd_session', description: 'A browser session.' },
        },
      },
      security: [{ bearer: [] }, { session: [] }, {}],
    },
    transform: jsonSchemaTransform,
  });
  await app.register(swaggerPage, {
    routePrefix: '/docs',
    staticCSP: {
      'default-src': "'self'",
      'style-src': `'self' 'unsafe-hashes' ${ICON_SHEET_STYLE}`,
      'img-src': "'self' data:",
      'object-src': "'none'",
      'base-uri': "'none'",
      'form-action': "'self'",
      'frame-ancestors': "'none'",
    },
    uiConfig: { validatorUrl: null, docExpansion: 'list', deepLinking: false },
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
