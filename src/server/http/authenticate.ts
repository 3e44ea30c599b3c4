import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Role } from '../database/tables.ts';
import { AppError } from '../errors.ts';
import { isSafeMethod, type SessionCookies } from './cookies.ts';
import type { App } from './http-app.ts';
import type { Access } from './permissions.ts';

/** What an API key may do: read, ask and keep chats, keep the knowledge, administer. */
export type Scope = 'read' | 'chat' | 'knowledge' | 'admin';

/** Who asks. `userId` is null for someone without credentials; a guest with chats has a row and an id. */
export type Caller = {
  userId: number | null;
  role: Role;
  username: string;
  via: 'token' | 'api-key' | 'cookie' | 'none';
  scopes?: string[];
  /** The line of refresh tokens that the credential belongs to; API keys have none. */
  sessionId?: string;
};

/** A user behind a credential that holds right now. */
export type Identity = {
  userId: number;
  role: Role;
  username: string;
  scopes?: string[];
  sessionId?: string;
};

/** What HTTP needs to know of accounts; the accounts feature implements it. */
export type Identities = {
  /** The user of an access token, or undefined when it is forged, expired, revoked or its user is disabled. */
  readAccessToken: (token: string) => Promise<Identity | undefined>;
  readApiKey: (key: string) => Promise<Identity | undefined>;
  readSession: (sessionToken: string) => Promise<Identity | undefined>;
  /** Makes a guest with a session of its own. */
  createGuest: () => Promise<{ identity: Identity; sessionToken: string }>;
};

const API_KEY_PREFIX = 'wwhd_';
const RANK: Record<Role, number> = { guest: 0, user: 1, curator: 2, admin: 3 };

/** The caller without credentials. */
export const nobody: Caller = { userId: null, role: 'guest', username: 'guest', via: 'none' };

/**
 * Resolves `request.caller` before each handler and refuses who may not call the route (401, 403). Credentials that
 * do not hold are a 401, never a silent guest, except on routes open to anyone, where they are not needed.
 * A guest's row is made only in front of the handler of a write, when limits and validation are passed.
 */
export function addAuthentication(
  app: App,
  options: { identities: Identities; cookies: SessionCookies; allowGuests: boolean },
): void {
  const { identities, cookies, allowGuests } = options;
  app.decorateRequest('caller', null as unknown as Caller);

  app.addHook('onRequest', async (request, reply) => {
    request.caller = nobody;
    const access = request.routeOptions.config.access;
    if (access === undefined) return;
    try {
      request.caller = await readCaller(request, { identities, cookies });
    } catch (error) {
      if (access !== 'anyone') {
        // A browser cannot drop an HttpOnly cookie itself: without this, a session that ended would lock it out.
        if (isEndedSession(request, error)) cookies.clear(reply);
        throw error;
      }
    }
    authorise({ caller: request.caller, access, allowGuests, request });
  });

  app.addHook('preHandler', async (request, reply) => {
    const isWrite = !isSafeMethod(request.method);
    if (request.routeOptions.config.access !== 'guest' || !isWrite || request.caller.userId !== null) return;
    request.caller = await startGuest({ request, reply, identities, cookies });
  });
}

/**
 * The id of the caller's user row.
 * @throws AppError `unauthenticated` when there is none
 */
export function userIdOf(caller: Caller): number {
  if (caller.userId === null) throw new AppError('unauthenticated', 'Sign in, or ask something first.');
  return caller.userId;
}

/** Whether the caller's role is at least `role`. */
export function hasRole(caller: Caller, role: Role): boolean {
  return RANK[caller.role] >= RANK[role];
}

async function readCaller(
  request: FastifyRequest,
  options: { identities: Identities; cookies: SessionCookies },
): Promise<Caller> {
  const { identities, cookies } = options;
  const header = request.headers.authorization;
  if (header !== undefined) {
    const token = /^Bearer +([^\s]+)$/i.exec(header)?.[1];
    if (token === undefined) {
      throw new AppError('invalid_token', 'The Authorization header must be "Bearer <token>".');
    }
    const isKey = token.startsWith(API_KEY_PREFIX);
    const identity = await (isKey ? identities.readApiKey(token) : identities.readAccessToken(token));
    if (identity === undefined)
      throw new AppError('invalid_token', 'The token is not valid any more. Sign in again.');
    return { ...identity, via: isKey ? 'api-key' : 'token' };
  }
  const sessionToken = cookies.readSession(request);
  if (sessionToken === undefined) return nobody;
  const identity = await identities.readSession(sessionToken);
  if (identity === undefined) throw new AppError('invalid_token', 'The session has ended. Sign in again.');
  if (!isSafeMethod(request.method)) cookies.assertCsrf(request, sessionToken);
  return { ...identity, via: 'cookie' };
}

function isEndedSession(request: FastifyRequest, error: unknown): boolean {
  const isByCookie = request.headers.authorization === undefined;
  return isByCookie && error instanceof AppError && error.code === 'invalid_token';
}

function authorise(options: {
  caller: Caller;
  access: Access;
  allowGuests: boolean;
  request: FastifyRequest;
}): void {
  const { caller, access, allowGuests, request } = options;
  if (access === 'anyone') return;
  const isOpenToGuests =
    allowGuests && (access === 'guest' || (access === 'owner' && caller.userId !== null));
  if (caller.role === 'guest' && !isOpenToGuests) {
    throw new AppError(
      'unauthenticated',
      'Sign in to do this: send an Authorization header with a bearer token.',
    );
  }
  if (access !== 'guest' && access !== 'owner' && !hasRole(caller, access)) {
    throw new AppError('forbidden', `This needs the role ${access}; yours is ${caller.role}.`);
  }
  const scope = scopeOf({ access, method: request.method });
  if (caller.scopes !== undefined && !caller.scopes.includes(scope)) {
    throw new AppError('forbidden', `This API key has no scope "${scope}".`);
  }
}

function scopeOf(options: { access: Access; method: string }): Scope {
  if (options.access === 'admin') return 'admin';
  if (isSafeMethod(options.method)) return 'read';
  return options.access === 'curator' ? 'knowledge' : 'chat';
}

async function startGuest(options: {
  request: FastifyRequest;
  reply: FastifyReply;
  identities: Identities;
  cookies: SessionCookies;
}): Promise<Caller> {
  const { request, reply, identities, cookies } = options;
  cookies.assertSameSite(request);
  const { identity, sessionToken } = await identities.createGuest();
  cookies.setSession({ reply, sessionToken, kind: 'guest' });
  return { ...identity, via: 'cookie' };
}
