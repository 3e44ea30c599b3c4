import { randomUUID } from 'node:crypto';

import cookie from '@fastify/cookie';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import { fastify, type FastifyBaseLogger, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';

import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';
import { addOpenApi } from './add-openapi.ts';
import { addAuthentication, type Identities } from './authenticate.ts';
import { checkHost } from './check-host.ts';
import { answerClientError } from './client-error.ts';
import { createSessionCookies, type SessionCookies } from './cookies.ts';
import { handleError } from './error-handler.ts';
import { addNotFound } from './find-allowed-methods.ts';
import type { App } from './http-app.ts';
import { addRateLimits } from './limit-rates.ts';
import { addBodyParsers, bodyLimits } from './parse-bodies.ts';
import { accessOf } from './permissions.ts';

const MAX_HEADER_BYTES = 16_384;
const MAX_URL_LENGTH = 8_192;
const MAX_PARAMETER_LENGTH = 300;
const REQUEST_TIMEOUT_MS = 120_000;
/** Longer than the idle time of common load balancers (60 s), so that they never reuse a connection being closed. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;
const REQUEST_ID = /^[\w.:-]{1,100}$/;

type HttpConfig = Pick<Config, 'isProduction' | 'server' | 'security' | 'limits'>;

/** The cookies of browser sessions under this configuration; one instance serves the app and the accounts feature. */
export function createCookies(config: HttpConfig): SessionCookies {
  const { publicUrl, corsOrigins } = config.server;
  const ownOrigin = publicUrl === undefined ? [] : [new URL(publicUrl).origin];
  const isSecure = publicUrl === undefined ? config.isProduction : publicUrl.startsWith('https:');
  return createSessionCookies({ isSecure, origins: [...corsOrigins, ...ownOrigin] });
}

/**
 * Makes the HTTP server that features register their routes on: limits, security headers, bodies, authentication by
 * the permission table, rate limits, problem details and OpenAPI. It listens nowhere yet.
 * @param options.identities who is behind a credential; from the accounts feature
 * @param options.generateId request ids; default random UUIDs
 */
export async function createHttpApp(options: {
  config: HttpConfig;
  logger: FastifyBaseLogger;
  identities: Identities;
  version: string;
  generateId?: () => string;
}): Promise<App> {
  const { config, logger, identities, version, generateId = randomUUID } = options;
  const app: App = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: (request) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : generateId();
    },
    trustProxy: config.server.trustProxy,
    bodyLimit: bodyLimits.jsonBytes,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_PARAMETER_LENGTH },
    http: { maxHeaderSize: MAX_HEADER_BYTES },
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      void reply.header('x-request-id', request.id);
      handleError(error, request, reply);
    },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(handleError);

  app.addHook('onRoute', (route) => {
    const methods = Array.isArray(route.method) ? route.method : [route.method];
    for (const method of methods) {
      route.config = { ...route.config, access: accessOf({ method, url: route.url }) };
    }
  });
  addNotFound(app);
  addRequestLimits(app);
  checkHost(app, config.server);
  addRequestLog(app);
  await addSecurityHeaders(app, config);
  await app.register(cookie);
  addAuthentication(app, {
    identities,
    cookies: createCookies(config),
    allowGuests: config.security.allowGuests,
  });
  await addRateLimits(app, config.limits);
  await addBodyParsers(app);
  await addOpenApi(app, { version });
  return app;
}

/** Marks every response with its request id, and turns requests away that are too long or come too late. */
function addRequestLimits(app: App): void {
  let isDraining = false;
  app.addHook('preClose', async () => {
    isDraining = true;
  });
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
    if (isDraining && request.routeOptions.config.servesWhileDraining !== true) {
      throw new AppError('overloaded', 'The server is restarting. Try again in a few seconds.', {
        retryAfterSeconds: 5,
      });
    }
    if (request.url.length > MAX_URL_LENGTH) {
      throw new AppError('malformed_request', `The address is longer than ${MAX_URL_LENGTH} characters.`);
    }
  });
}

/** One line a response: the pattern of the route, never the address, which can hold tokens and questions. */
function addRequestLog(app: App): void {
  app.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url ?? 'none',
        status: reply.statusCode,
        duration_ms: Math.round(reply.elapsedTime * 10) / 10,
      },
      'request',
    );
  });
}

async function addSecurityHeaders(app: App, config: HttpConfig): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: config.isProduction ? { maxAge: 31_536_000 } : false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  });
  await app.register(cors, {
    origin: config.server.corsOrigins,
    credentials: !config.server.corsOrigins.includes('*'),
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: [
      'X-Request-Id',
      'X-Total-Count',
      'X-RateLimit-Limit',
      'X-RateLimit-Remaining',
      'Retry-After',
    ],
    maxAge: 600,
  });
}
