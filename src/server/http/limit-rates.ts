import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { AppError } from '../errors.ts';
import { isSafeMethod } from './cookies.ts';
import type { App } from './http-app.ts';

type Limiter = ReturnType<App['createRateLimit']>;

const MINUTE_MS = 60_000;
/** How many times the limit of a user others get: staff who import, sign-ins and reads of one address. */
const STAFF_FACTOR = 10;
const ADDRESS_FACTOR = 5;
/** How many times the limit of one guest all guests of an address get. */
const GUESTS_FACTOR = 10;
/** How many times the limit of a guest failed sign-ins of an address get. */
const FAILURES_FACTOR = 3;
/** Routes that prove an identity: limited by address, because there is no user yet. */
const SIGN_IN_ROUTE = /^\/api\/v1\/(auth\/(token|login|register|refresh|claim|forgot|reset|verify)|setup)$/;
/** What counts as a question of a guest; a new guest counts too, being the first step to one. */
const QUESTION_ROUTE = /^\/api\/v1\/(auth\/guest|chat(\/chat|\/stream|\/messages\/:id\/(regenerate|edit))?)$/;

/**
 * Limits requests a minute: users by user (curators and admins, who import, ten times as much), guests' questions by
 * address and guest, with a ceiling for the address so that new guests are no way around it, and reads without an
 * account by address. Sign-ins are limited by address, failed ones strictly. Pages, health checks and the
 * documentation are not limited.
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
    signIn: limiter(userPerMinute * ADDRESS_FACTOR, addressOf),
    guest: limiter(guestPerMinute, (request) => `${addressOf(request)} ${request.caller.userId ?? ''}`),
    guestAddress: limiter(guestPerMinute * GUESTS_FACTOR, addressOf),
    read: limiter(userPerMinute * ADDRESS_FACTOR, addressOf),
  } satisfies Record<LimiterName, Limiter>;
  const failures = limiter(guestPerMinute * FAILURES_FACTOR, addressOf);

  app.addHook('onRequest', async (request, reply) => {
    if (isSignIn(request)) {
      const state = await failures(request, { increment: false });
      if (!state.isAllowed && state.remaining === 0)
        await applyLimiter({ limiter: failures, request, reply });
    }
    for (const name of limitersOf(request)) await applyLimiter({ limiter: limiters[name], request, reply });
  });
  app.addHook('onResponse', async (request, reply) => {
    if (isSignIn(request) && (reply.statusCode === 401 || reply.statusCode === 403)) await failures(request);
  });
}

type LimiterName = 'user' | 'staff' | 'signIn' | 'guest' | 'guestAddress' | 'read';

function isSignIn(request: FastifyRequest): boolean {
  return !isSafeMethod(request.method) && SIGN_IN_ROUTE.test(request.routeOptions.url ?? '');
}

function limitersOf(request: FastifyRequest): LimiterName[] {
  const { url = '', config } = request.routeOptions;
  const isSafe = isSafeMethod(request.method);
  if (config.access === undefined || request.method === 'OPTIONS') return [];
  if (isSignIn(request)) return ['signIn'];
  if (request.caller.role !== 'guest') return [request.caller.role === 'user' ? 'user' : 'staff'];
  if (!url.startsWith('/api/v1/') && isSafe) return [];
  if (isSafe) return ['read'];
  return url.startsWith('/api/v1/') && !QUESTION_ROUTE.test(url)
    ? ['guestAddress']
    : ['guestAddress', 'guest'];
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
