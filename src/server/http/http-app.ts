import type { IncomingMessage, ServerResponse } from 'node:http';

import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';

import type { Caller } from './authenticate.ts';
import type { Access } from './permissions.ts';

/** The server as features see it: a Fastify instance whose schemas are zod. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set before any handler runs. */
    caller: Caller;
    /** Whom a request without credentials turned out to be from, by signing in or registering; for the audit log. */
    provenUserId?: number;
  }
  interface FastifyContextConfig {
    /** Read from the permission table when the route is registered; never set by a route. */
    access?: Access;
    /** The route reads `multipart/form-data`; all others answer 415 to it. */
    acceptsMultipart?: boolean;
    /** Runs, when the server ends, although it no longer takes other requests: health checks. */
    servesWhileDraining?: boolean;
  }
}
