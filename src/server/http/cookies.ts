import { createHash, timingSafeEqual } from 'node:crypto';

import type { FastifyReply, FastifyRequest } from 'fastify';

import { AppError } from '../errors.ts';

export type SessionKind = 'user' | 'guest';
export type SessionCookies = ReturnType<typeof createSessionCookies>;

/** Names of the cookies: the HttpOnly sessions of users and guests, and the CSRF token that the page reads. */
export const cookieNames = { user: 'wwhd_session', guest: 'wwhd_guest', csrf: 'wwhd_csrf' } as const;

const FLOW_COOKIE = 'wwhd_sign_on';
const FLOW_PATH = '/api/v1/auth/oidc';
const FLOW_SECONDS = 600;
const LIFETIME_SECONDS = 30 * 24 * 60 * 60;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether a method only reads (RFC 9110, 9.2.1). */
export function isSafeMethod(method: string): boolean {
  return SAFE_METHODS.has(method);
}

/**
 * The CSRF token that belongs to a session: a hash of it, so that nothing is stored, a token of another session does
 * not fit, and the session cannot be found from it (OWASP: signed double submit).
 */
export function csrfTokenOf(sessionToken: string): string {
  return createHash('sha256').update(`csrf:${sessionToken}`).digest('base64url');
}

/**
 * Reads and writes the cookies of browser sessions. A user's session wins over a guest's, whose cookie stays beside
 * it until its chats are claimed.
 * @param options.isSecure whether cookies are for https only
 * @param options.origins other origins whose pages may start sessions (the CORS list)
 */
export function createSessionCookies(options: { isSecure: boolean; origins: readonly string[] }) {
  const { isSecure, origins } = options;
  const base = { path: '/', sameSite: 'lax', secure: isSecure, maxAge: LIFETIME_SECONDS } as const;
  const read = (request: FastifyRequest, name: string): string | undefined =>
    request.cookies[name] || undefined;

  return {
    readSession: (request: FastifyRequest) =>
      read(request, cookieNames.user) ?? read(request, cookieNames.guest),
    readGuestSession: (request: FastifyRequest) => read(request, cookieNames.guest),

    /** Sets the session cookie and its CSRF cookie; a user's session replaces a guest's. */
    setSession: ({
      reply,
      sessionToken,
      kind,
    }: {
      reply: FastifyReply;
      sessionToken: string;
      kind: SessionKind;
    }) => {
      void reply.setCookie(cookieNames[kind], sessionToken, { ...base, httpOnly: true });
      void reply.setCookie(cookieNames.csrf, csrfTokenOf(sessionToken), { ...base, httpOnly: false });
      if (kind === 'user') void reply.clearCookie(cookieNames.guest, { path: '/' });
    },

    /** Keeps what a single sign-on remembers while the browser is at the provider. */
    setFlow: (reply: FastifyReply, flowToken: string) => {
      void reply.setCookie(FLOW_COOKIE, flowToken, {
        path: FLOW_PATH,
        sameSite: 'lax',
        secure: isSecure,
        httpOnly: true,
        maxAge: FLOW_SECONDS,
      });
    },
    readFlow: (request: FastifyRequest) => read(request, FLOW_COOKIE),
    clearFlow: (reply: FastifyReply) => {
      void reply.clearCookie(FLOW_COOKIE, { path: FLOW_PATH });
    },

    clearGuest: (reply: FastifyReply) => {
      void reply.clearCookie(cookieNames.guest, { path: '/' });
    },

    clear: (reply: FastifyReply) => {
      for (const name of Object.values(cookieNames)) void reply.clearCookie(name, { path: '/' });
    },

    /** @throws AppError `csrf_failed` when the X-CSRF-Token header is not the one of this session */
    assertCsrf: (request: FastifyRequest, sessionToken: string) => {
      const given = Buffer.from(String(request.headers['x-csrf-token'] ?? ''));
      const expected = Buffer.from(csrfTokenOf(sessionToken));
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
        throw new AppError(
          'csrf_failed',
          `Send the value of the cookie ${cookieNames.csrf} as X-CSRF-Token.`,
        );
      }
    },

    /**
     * Refuses a page of another site that would start a session in this browser. Browsers say where a request comes
     * from in Sec-Fetch-Site, which holds behind proxies that change Host, and older ones in Origin.
     * @throws AppError `csrf_failed`
     */
    assertSameSite: (request: FastifyRequest) => {
      const { origin, 'sec-fetch-site': site } = request.headers;
      if (origin === undefined || site === 'same-origin' || origins.includes(origin)) return;
      const from = URL.parse(origin);
      if (from !== null && URL.parse(`${from.protocol}//${request.host}`)?.host === from.host) return;
      throw new AppError('csrf_failed', `Pages of ${origin.slice(0, 200)} may not start a session here.`);
    },
  };
}
