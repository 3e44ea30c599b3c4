import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';

import type { TokenPair } from '../../../../shared/accounts.ts';
import { AppError } from '../../../errors.ts';
import type { SessionCookies, SessionKind } from '../../../http/cookies.ts';
import type { OpenedSession } from '../manage-sessions.ts';

/** Whether the client is a page that wants its session in cookies: header `X-Session: cookie`, or the field. */
export function wantsCookie(request: FastifyRequest, field?: string | null): boolean {
  return field === 'cookie' || request.headers['x-session'] === 'cookie';
}

/** Gives a session to the client: as tokens, or as cookies with the refresh token out of reach of scripts. */
export function handOverSession(options: {
  request: FastifyRequest;
  reply: FastifyReply;
  cookies: SessionCookies;
  opened: OpenedSession;
  byCookie: boolean;
}): TokenPair {
  const { request, reply, cookies, opened, byCookie } = options;
  request.provenUserId = opened.user.id;
  if (byCookie) {
    cookies.assertSameSite(request);
    const kind: SessionKind = opened.user.role === 'guest' ? 'guest' : 'user';
    cookies.setSession({ reply, sessionToken: opened.refreshToken, kind });
  }
  void reply.header('cache-control', 'no-store');
  return {
    access_token: opened.accessToken,
    token_type: 'bearer',
    expires_in: opened.expiresInSeconds,
    refresh_token: byCookie ? null : opened.refreshToken,
  };
}

/**
 * Keeps API keys from managing accounts: a leaked key must not become a password.
 * @throws AppError `forbidden`
 */
export function assertNotApiKey(request: FastifyRequest): void {
  if (request.caller.via === 'api-key') {
    throw new AppError('forbidden', 'An API key cannot do this. Sign in with your password.');
  }
}

/** The User-Agent, as the list of sessions shows it. */
export function userAgentOf(request: FastifyRequest): string | null {
  return request.headers['user-agent'] ?? null;
}

/** The address that failures are counted for; IPv6 by its network, as the rate limits do. */
export function addressOf(request: FastifyRequest): string {
  return normalizeIP(request.ip);
}
