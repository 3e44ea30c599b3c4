import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { AppError } from '../errors.ts';
import { isSafeMethod } from './cookies.ts';
import type { App } from './http-app.ts';

type Limiter = ReturnType<App['createRateLimit']>;

const MINUTE_MS = 60_000;
const STAFF_FACTOR = 10;
const READ_FACTOR = 5;
const ADDRESS_FACTOR = 10;
/** Routes that make or prove an identity: limited by address, because there is no user yet. */
const SIGN_IN_ROUTE = /^\/api\/v1\/(auth\/(token|login|register|refresh|guest|claim)|setup)$/;

/**
 * Limits requests a minute: users by user (curators and admins, who import, ten times as much), guests' questions by
 * address and guest, with a ceiling for the address so that new guests are no way around it, reads without an account
 * and sign-in routes by address. Pages, health checks and the documentation are not limited.
 */
export async function addRateLimits(
  app: App,
  options: { userPerMinute: number; guestPerMinute: number },
): Promise<void> {
  const { userPerMinute, guestPerMinute } = options;
  await app.register(rateLimit, { global: false, cache: 20_000 });
  const limiter = (max: number, keyGenerator: (request: FastifyRequest) => string): Limiter =>
    app.createRateLimit({ max, timeWindow: MINUTE_MS, keyGenerator });
  const limiters = {
    user: limiter(userPerMinute, (request) => `${request.caller.userId}`),
    staff: limiter(userPerMinute * STAFF_FACTOR, (request) => `${request.caller.userId}`),
    signIn: limiter(Math.max(1, Math.ceil(userPerMinute / 2)), addressOf),
    guestQuestion: limiter(
      guestPerMinute,
      (request) => `${addressOf(request)} ${request.caller.userId ?? ''}`,
    ),
    guestAddress: limiter(guestPerMinute * ADDRESS_FACTOR, addressOf),
    read: limiter(userPerMinute * READ_FACTOR, addressOf),
  };
  app.addHook('onRequest', async (request, reply) => {
    for (const name of limitersOf(request)) await applyLimiter({ limiter: limiters[name], request, reply });
  });
}

type LimiterName = 'user' | 'staff' | 'signIn' | 'guestQuestion' | 'guestAddress' | 'read';

function limitersOf(request: FastifyRequest): LimiterName[] {
  const { url = '', config } = request.routeOptions;
  const isSafe = isSafeMethod(request.method);
  if (config.access === undefined || request.method === 'OPTIONS') return [];
  if (SIGN_IN_ROUTE.test(url) && !isSafe) return ['signIn'];
  if (request.caller.role !== 'guest') return [request.caller.role === 'user' ? 'user' : 'staff'];
  if (!url.startsWith('/api/v1/') && isSafe) return [];
  return isSafe ? ['read'] : ['guestAddress', 'guestQuestion'];
}

/**
 * Counts one request with a limiter of `app.createRateLimit` and sets X-RateLimit-* (seconds until the reset).
 * @throws AppError `rate_limited`
 */
export async function applyLimiter(options: {
  limiter: Limiter;
  request: FastifyRequest;
  reply: FastifyReply;
}): Promise<void> {
  const { limiter, request, reply } = options;
  const result = await limiter(request);
  if (result.isAllowed) return;
  void reply.headers({
    'x-ratelimit-limit': result.max,
    'x-ratelimit-remaining': result.remaining,
    'x-ratelimit-reset': result.ttlInSeconds,
  });
  if (!result.isExceeded) return;
  const seconds = Math.max(1, result.ttlInSeconds);
  throw new AppError(
    'rate_limited',
    `That is more than ${result.max} requests a minute. Wait ${seconds} seconds.`,
    {
      retryAfterSeconds: seconds,
    },
  );
}

function addressOf(request: FastifyRequest): string {
  return normalizeIP(request.ip);
}
