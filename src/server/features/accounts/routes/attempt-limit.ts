import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { AppError } from '../../../errors.ts';
import type { App } from '../../../http/http-app.ts';
import { applyLimiter } from '../../../http/limit-rates.ts';

type Attempt = { request: FastifyRequest; reply: FastifyReply; login: string };

/**
 * Slows the guessing of one account's password: after `failuresPerMinute` wrong ones from an address, further
 * attempts at that account wait. Correct ones are not counted.
 */
export function createAttemptLimit(app: App, failuresPerMinute: number) {
  const logins = new WeakMap<FastifyRequest, string>();
  const limiter = app.createRateLimit({
    max: failuresPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => `${normalizeIP(request.ip)} ${logins.get(request) ?? ''}`,
  });

  return {
    /** Runs a sign-in attempt. @throws AppError `rate_limited`, and what the attempt throws */
    guard: async <Result>(
      { request, reply, login }: Attempt,
      attempt: () => Promise<Result>,
    ): Promise<Result> => {
      logins.set(request, login);
      const state = await limiter(request, { increment: false });
      if (!state.isAllowed && state.remaining === 0) await applyLimiter({ limiter, request, reply });
      try {
        return await attempt();
      } catch (error) {
        if (error instanceof AppError && error.code === 'invalid_credentials') await limiter(request);
        throw error;
      }
    },
  };
}
