import { describe, expect, it } from 'vitest';

import { buildTestApp } from '../../../test/build-app.ts';
import { buildGuest, buildUser, cookieHeaders, testPassword } from '../../../test/factories.ts';
import { hasRole, nobody, userIdOf } from './authenticate.ts';
import { csrfTokenOf } from './cookies.ts';
import type { App } from './http-app.ts';

const chat = { method: 'POST', url: '/api/v1/chat', payload: {} } as const;

function register(app: App): void {
  app.get('/api/v1/personas', async (request) => request.caller);
  app.get('/api/v1/chats', async (request) => request.caller);
  app.get('/api/v1/chats/:id', async (request) => request.caller);
  app.post('/api/v1/chat', async (request) => request.caller);
  app.get('/api/v1/usage', async (request) => request.caller);
  app.get('/api/v1/jobs', async (request) => request.caller);
  app.get('/api/v1/admin/stats', async (request) => request.caller);
}

function buildHttp(env: Record<string, string> = {}) {
  return buildTestApp({ register, env });
}

describe('roles', () => {
  it.each([
    ['user', [200, 200, 403, 403]],
    ['curator', [200, 200, 200, 403]],
    ['admin', [200, 200, 200, 200]],
  ] as const)('should open to a %s what the table says', async (role, expected) => {
    const test = await buildHttp();
    const { headers } = await buildUser(test, { role });
    const urls = ['/api/v1/chats/1', '/api/v1/usage', '/api/v1/jobs', '/api/v1/admin/stats'];
    const answers = await Promise.all(urls.map((url) => test.app.inject({ url, headers })));
    expect(answers.map((answer) => answer.statusCode)).toEqual(expected);
  });

  it('should answer 401 to a stranger everywhere but on open routes', async () => {
    const { app } = await buildHttp();
    const urls = ['/api/v1/personas', '/api/v1/chats', '/api/v1/chats/1', '/api/v1/usage', '/api/v1/jobs'];
    const answers = await Promise.all(urls.map((url) => app.inject({ url })));
    expect(answers.map((answer) => answer.statusCode)).toEqual([200, 200, 401, 401, 401]);
  });

  it('should rank roles and ask for a row', () => {
    expect(hasRole({ ...nobody, role: 'curator' }, 'user')).toBe(true);
    expect(hasRole({ ...nobody, role: 'user' }, 'curator')).toBe(false);
    expect(() => userIdOf(nobody)).toThrow(/Sign in/);
    expect(userIdOf({ ...nobody, userId: 3 })).toBe(3);
  });
});

describe('guests', () => {
  it('should read without a row and get one with the first question', async () => {
    const { app, database } = await buildHttp();
    const read = await app.inject({ url: '/api/v1/chats' });
    expect(read.json()).toEqual(nobody);
    expect(read.cookies).toEqual([]);
    expect(await database.selectFrom('users').selectAll().execute()).toEqual([]);

    const asked = await app.inject(chat);
    expect(asked.json()).toMatchObject({ userId: 1, role: 'guest', via: 'cookie' });
    const [session, csrf] = asked.cookies;
    expect(session).toMatchObject({
      name: 'wwhd_guest',
      httpOnly: true,
      sameSite: 'Lax',
      path: '/',
      maxAge: 2_592_000,
    });
    expect(csrf).toMatchObject({
      name: 'wwhd_csrf',
      sameSite: 'Lax',
      value: csrfTokenOf(session?.value ?? ''),
    });
    expect(csrf?.httpOnly).toBeUndefined();
    expect(await database.selectFrom('users').select(['role', 'expiresAt']).execute()).toEqual([
      { role: 'guest', expiresAt: '2026-03-31T12:00:00.000Z' },
    ]);

    const headers = { cookie: `wwhd_guest=${session?.value}`, 'x-csrf-token': csrf?.value ?? '' };
    const again = await app.inject({ ...chat, headers: { ...headers, 'content-type': 'application/json' } });
    expect(again.json()).toMatchObject({ userId: 1 });
    expect((await app.inject({ url: '/api/v1/chats/9', headers })).statusCode).toBe(200);
  });

  it('should not exist where they are not allowed', async () => {
    const test = await buildHttp({ ALLOW_GUESTS: 'off' });
    expect((await test.app.inject(chat)).statusCode).toBe(401);
    expect((await test.app.inject({ url: '/api/v1/chats' })).statusCode).toBe(401);
    const guest = await buildGuest(test);
    expect((await test.app.inject({ url: '/api/v1/chats', headers: guest.headers })).statusCode).toBe(401);
    const { headers } = await buildUser(test);
    expect((await test.app.inject({ ...chat, headers })).statusCode).toBe(200);
  });

  it('should not be made by a page of another site', async () => {
    const { app, database } = await buildHttp({ ALLOW_ORIGINS: 'https://friend.example' });
    const ask = (origin: string) => app.inject({ ...chat, headers: { origin } });
    expect((await ask('https://evil.example')).json().code).toBe('csrf_failed');
    expect((await ask('null')).statusCode).toBe(403);
    expect(await database.selectFrom('users').selectAll().execute()).toEqual([]);
    expect((await ask('https://friend.example')).statusCode).toBe(200);
    expect((await ask('http://localhost:80')).statusCode).toBe(200);
    const behindProxy = { origin: 'https://chat.example', 'sec-fetch-site': 'same-origin' };
    expect((await app.inject({ ...chat, headers: behindProxy })).statusCode).toBe(200);
  });

  it('should not be what someone with a bad credential becomes', async () => {
    const { app } = await buildHttp();
    for (const authorization of [
      'Bearer x.y.z',
      'Bearer wwhd_unknown',
      'Basic YTpi',
      'Bearer',
      'Bearer a b',
    ]) {
      const response = await app.inject({ url: '/api/v1/chats', headers: { authorization } });
      expect(response.statusCode).toBe(401);
      expect(response.headers['www-authenticate']).toBe('Bearer realm="wwhd", error="invalid_token"');
    }
    const stale = await app.inject({ url: '/api/v1/chats', headers: { cookie: 'wwhd_session=stale' } });
    expect(stale.statusCode).toBe(401);
    expect(stale.cookies.find(({ name }) => name === 'wwhd_session')?.value).toBe('');
  });

  it('should not keep anyone with a stale credential from open routes', async () => {
    const { app } = await buildHttp();
    const response = await app.inject({
      url: '/api/v1/personas',
      headers: { authorization: 'Bearer stale' },
    });
    expect(response.json()).toEqual(nobody);
  });
});

describe('sessions by cookie', () => {
  it('should be set at sign-in when the page asks for it', async () => {
    const test = await buildHttp();
    const { user } = await buildUser(test);
    const payload = { username: user.username, password: testPassword };
    const signIn = { method: 'POST', url: '/api/v1/auth/token' } as const;
    expect((await test.app.inject({ ...signIn, payload })).cookies).toEqual([]);
    const byField = await test.app.inject({ ...signIn, payload: { ...payload, session: 'cookie' } });
    const byHeader = await test.app.inject({ ...signIn, payload, headers: { 'x-session': 'cookie' } });
    for (const response of [byField, byHeader]) {
      const session = response.cookies.find(({ name }) => name === 'wwhd_session');
      expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
      expect(session?.secure).toBeUndefined();
      expect(response.json().refresh_token).toBeNull();
    }
    const foreign = await test.app.inject({
      ...signIn,
      payload: { ...payload, session: 'cookie' },
      headers: { origin: 'https://evil.example' },
    });
    expect(foreign.statusCode).toBe(403);
  });

  it.each([
    [{ PUBLIC_URL: 'https://chat.example' }, true],
    [{ APP_ENV: 'production', JWT_SECRET: '0123456789abcdef'.repeat(4), ALLOW_GUESTS: 'on' }, true],
    [{ PUBLIC_URL: 'http://chat.local' }, undefined],
  ])('should be for https only under %o: %s', async (env, isSecure) => {
    const { app } = await buildHttp(env);
    const { cookies } = await app.inject(chat);
    expect(cookies.map((cookie) => cookie.secure)).toEqual([isSecure, isSecure]);
  });

  it('should need the CSRF token of this session for writes, and none for reads', async () => {
    const test = await buildHttp();
    const { session } = await buildUser(test);
    const other = await buildUser(test);
    const { cookie } = cookieHeaders(session);
    const write = (headers: Record<string, string>) =>
      test.app.inject({ ...chat, headers: { ...headers, 'content-type': 'application/json' } });
    expect((await write({ cookie })).json().code).toBe('csrf_failed');
    expect((await write({ cookie, 'x-csrf-token': 'x' })).statusCode).toBe(403);
    expect((await write({ ...cookieHeaders(other.session), cookie })).statusCode).toBe(403);
    expect((await write(cookieHeaders(session))).json()).toMatchObject({ via: 'cookie', userId: 1 });
    expect((await test.app.inject({ url: '/api/v1/usage', headers: { cookie } })).statusCode).toBe(200);
  });

  it('should count for more than the guest cookie beside it, and less than a bearer token', async () => {
    const test = await buildHttp();
    const guest = await buildGuest(test);
    const { user, session } = await buildUser(test);
    const admin = await buildUser(test, { role: 'admin' });
    const cookie = `${cookieHeaders(guest.session).cookie}; ${cookieHeaders(session).cookie}`;
    const callerOf = async (headers: Record<string, string>) =>
      (await test.app.inject({ url: '/api/v1/chats', headers })).json() as { userId: number };
    expect((await callerOf({ cookie })).userId).toBe(user.id);
    expect((await callerOf({ cookie, ...admin.headers })).userId).toBe(admin.user.id);
  });
});
