import { describe, expect, it } from 'vitest';

import { buildTestApp, type TestApp } from '../../../../test/build-app.ts';
import { buildUser, cookieHeaders, testPassword } from '../../../../test/factories.ts';

function refresh({ app }: TestApp, refreshToken: string) {
  return app.inject({
    method: 'POST',
    url: '/api/v1/auth/refresh',
    payload: { refresh_token: refreshToken },
  });
}

describe('POST /api/v1/auth/refresh', () => {
  it('should rotate the token and keep the session', async () => {
    const test = await buildTestApp();
    const { session, headers } = await buildUser(test);
    const response = await refresh(test, session.refreshToken);
    expect(response.statusCode).toBe(200);
    expect(response.json().refresh_token).not.toBe(session.refreshToken);
    const list = await test.app.inject({ url: '/api/v1/auth/sessions', headers });
    expect(list.json().sessions).toHaveLength(1);
    expect(list.json().sessions[0]).toMatchObject({ is_current: true, user_agent: 'test' });
  });

  it('should end the whole session when a token is used twice', async () => {
    const test = await buildTestApp();
    const { session } = await buildUser(test);
    const next = (await refresh(test, session.refreshToken)).json();
    expect((await refresh(test, session.refreshToken)).statusCode).toBe(401);
    expect((await refresh(test, next.refresh_token)).statusCode).toBe(401);
    const me = await test.app.inject({
      url: '/api/v1/me',
      headers: { authorization: `Bearer ${next.access_token}` },
    });
    expect(me.statusCode).toBe(401);
  });

  it('should let one of two parallel uses through at most', async () => {
    const test = await buildTestApp();
    const { session } = await buildUser(test);
    const answers = await Promise.all([
      refresh(test, session.refreshToken),
      refresh(test, session.refreshToken),
    ]);
    expect(answers.map((answer) => answer.statusCode).toSorted((a, b) => a - b)).toEqual([200, 401]);
  });

  it('should refuse an unknown, an expired and a missing token', async () => {
    const test = await buildTestApp();
    const { session } = await buildUser(test);
    expect((await refresh(test, 'unknown')).statusCode).toBe(401);
    expect((await test.app.inject({ method: 'POST', url: '/api/v1/auth/refresh' })).statusCode).toBe(401);
    test.clock.advance(30 * 86_400_000);
    expect((await refresh(test, session.refreshToken)).statusCode).toBe(401);
  });

  it('should refuse the token of a disabled user', async () => {
    const test = await buildTestApp();
    const { user, session } = await buildUser(test);
    await test.accounts.users.setUserActive(user.username, false);
    expect((await refresh(test, session.refreshToken)).statusCode).toBe(401);
  });

  it('should refresh by cookie with the CSRF token only, and keep the new token out of the body', async () => {
    const test = await buildTestApp();
    const { session } = await buildUser(test);
    const headers = cookieHeaders(session);
    const url = '/api/v1/auth/refresh';
    const forged = await test.app.inject({ method: 'POST', url, headers: { cookie: headers.cookie } });
    expect(forged.statusCode).toBe(403);
    const response = await test.app.inject({ method: 'POST', url, headers });
    expect(response.statusCode).toBe(200);
    expect(response.json().refresh_token).toBeNull();
    expect(response.cookies.find((cookie) => cookie.name === 'wwhd_session')?.value).not.toBe(
      session.refreshToken,
    );
  });
});

describe('POST /api/v1/auth/logout', () => {
  it.each(['refresh token', 'access token', 'cookie'])(
    'should end the session named by its %s',
    async (by) => {
      const test = await buildTestApp();
      const { session, headers } = await buildUser(test);
      const response = await test.app.inject({
        method: 'POST',
        url: '/api/v1/auth/logout',
        ...(by === 'refresh token' ? { payload: { refresh_token: session.refreshToken } } : {}),
        ...(by === 'access token' ? { headers } : {}),
        ...(by === 'cookie' ? { headers: cookieHeaders(session) } : {}),
      });
      expect(response.statusCode).toBe(204);
      expect(response.body).toBe('');
      expect((await test.app.inject({ url: '/api/v1/me', headers })).statusCode).toBe(401);
      expect((await refresh(test, session.refreshToken)).statusCode).toBe(401);
      const cleared = response.cookies.find((cookie) => cookie.name === 'wwhd_session');
      expect(cleared?.value).toBe(by === 'cookie' ? '' : undefined);
    },
  );

  it('should not end a session for a page without the CSRF token', async () => {
    const test = await buildTestApp();
    const { session, headers } = await buildUser(test);
    const { cookie } = cookieHeaders(session);
    await test.app.inject({ method: 'POST', url: '/api/v1/auth/logout', headers: { cookie } });
    expect((await test.app.inject({ url: '/api/v1/me', headers })).statusCode).toBe(200);
  });

  it('should clear the cookie of a session that is over', async () => {
    const test = await buildTestApp();
    const headers = { cookie: 'wwhd_guest=stale' };
    const response = await test.app.inject({ method: 'POST', url: '/api/v1/auth/logout', headers });
    expect(response.statusCode).toBe(204);
    expect(response.cookies.find((cookie) => cookie.name === 'wwhd_guest')?.value).toBe('');
  });

  it('should answer 401 to someone without a session', async () => {
    const { app } = await buildTestApp();
    expect((await app.inject({ method: 'POST', url: '/api/v1/auth/logout' })).statusCode).toBe(401);
  });
});

describe('/api/v1/auth/sessions', () => {
  it('should end one session, all others, and none of another user', async () => {
    const test = await buildTestApp();
    const { user, headers } = await buildUser(test);
    const other = await buildUser(test);
    await test.accounts.sessions.open(user, 'phone');
    await test.accounts.sessions.open(user, 'tablet');
    const list = async () => {
      const response = await test.app.inject({ url: '/api/v1/auth/sessions', headers });
      return response.json().sessions as { id: string; user_agent: string; is_current: boolean }[];
    };
    const phone = (await list()).find((session) => session.user_agent === 'phone');
    const url = `/api/v1/auth/sessions/${phone?.id}`;
    expect((await test.app.inject({ method: 'DELETE', url, headers: other.headers })).statusCode).toBe(404);
    expect((await test.app.inject({ method: 'DELETE', url, headers })).statusCode).toBe(204);
    expect((await test.app.inject({ method: 'DELETE', url, headers })).statusCode).toBe(404);
    expect(await list()).toHaveLength(2);
    await test.app.inject({ method: 'DELETE', url: '/api/v1/auth/sessions', headers });
    expect(await list()).toMatchObject([{ is_current: true }]);
  });
});

describe('/api/v1/auth/me', () => {
  it('should answer 401 without an account', async () => {
    const { app } = await buildTestApp();
    for (const url of ['/api/v1/auth/me', '/api/v1/me/']) {
      const response = await app.inject({ url });
      expect(response.statusCode).toBe(401);
      expect(response.headers['www-authenticate']).toBe('Bearer realm="wwhd"');
    }
  });

  it('should add up what was used today', async () => {
    const test = await buildTestApp();
    const { user, headers } = await buildUser(test);
    const row = { userId: user.id, messageId: null, personaId: 'herman', model: 'm', cachedTokens: 0 };
    const add = (createdAt: string) =>
      test.database
        .insertInto('tokenUsage')
        .values({
          ...row,
          promptTokens: 10,
          completionTokens: 5,
          costMicros: 250_000,
          isReported: 1,
          createdAt,
        })
        .execute();
    await add('2026-02-28T23:59:59.999Z');
    await add('2026-03-01T00:00:00.000Z');
    await add('2026-03-01T11:00:00.000Z');
    const me = await test.app.inject({ url: '/api/v1/me', headers });
    expect(me.json().usage).toEqual({ tokens_used_today: 30, tokens_limit_daily: null, cost_today: 0.5 });
  });

  it('should change the name and merge settings, and refuse settings it does not know', async () => {
    const test = await buildTestApp();
    const { headers } = await buildUser(test);
    const patch = (payload: object) =>
      test.app.inject({ method: 'PATCH', url: '/api/v1/auth/me', payload, headers });
    expect((await patch({ name: ' Ada ', settings: { theme: 'dark' } })).statusCode).toBe(200);
    const response = await patch({ settings: { language: 'pt-BR' } });
    expect(response.json()).toMatchObject({ name: 'Ada', settings: { theme: 'dark', language: 'pt-BR' } });
    expect((await patch({ settings: { colour: 'red' } })).statusCode).toBe(422);
  });

  it('should change the password of who knows the present one, and end all sessions', async () => {
    const test = await buildTestApp();
    const { user, headers } = await buildUser(test);
    const patch = (payload: object) =>
      test.app.inject({ method: 'PATCH', url: '/api/v1/me', payload, headers });
    const password = 'a much better one';
    expect((await patch({ password })).json().errors).toMatchObject([{ path: 'current_password' }]);
    expect((await patch({ password, current_password: 'wrong' })).statusCode).toBe(422);
    expect((await patch({ password, current_password: testPassword })).statusCode).toBe(200);
    expect((await test.app.inject({ url: '/api/v1/me', headers })).statusCode).toBe(401);
    const signIn = { method: 'POST', url: '/api/v1/auth/token' } as const;
    const old = await test.app.inject({
      ...signIn,
      payload: { username: user.username, password: testPassword },
    });
    expect(old.statusCode).toBe(401);
    expect(
      (await test.app.inject({ ...signIn, payload: { username: user.username, password } })).statusCode,
    ).toBe(200);
  });

  it('should keep the page signed in that changes the password', async () => {
    const test = await buildTestApp();
    const { session } = await buildUser(test);
    const response = await test.app.inject({
      method: 'PATCH',
      url: '/api/v1/me',
      payload: { password: 'a much better one', current_password: testPassword },
      headers: cookieHeaders(session),
    });
    const cookie = response.cookies.find(({ name }) => name === 'wwhd_session');
    const me = await test.app.inject({
      url: '/api/v1/me',
      headers: { cookie: `wwhd_session=${cookie?.value}` },
    });
    expect(me.statusCode).toBe(200);
  });

  it('should erase the account, but not the last admin', async () => {
    const test = await buildTestApp();
    const admin = await buildUser(test, { role: 'admin' });
    const { user, headers } = await buildUser(test);
    const erase = (who: { authorization: string }) =>
      test.app.inject({ method: 'DELETE', url: '/api/v1/auth/me', headers: who });
    expect((await erase(headers)).statusCode).toBe(204);
    expect(await test.accounts.users.findUser(user.id)).toBeUndefined();
    expect(await test.database.selectFrom('refreshTokens').select('userId').execute()).toEqual([
      { userId: admin.user.id },
    ]);
    expect((await erase(admin.headers)).statusCode).toBe(409);
  });
});
