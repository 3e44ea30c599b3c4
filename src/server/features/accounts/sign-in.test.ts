import { describe, expect, it } from 'vitest';

import { buildTestApp } from '../../../../test/build-app.ts';
import { buildChat, buildGuest, buildUser, cookieHeaders, testPassword } from '../../../../test/factories.ts';

const registration = { username: 'ada', email: 'Ada@Example.org', password: testPassword };
const register = '/api/v1/auth/register';
const token = '/api/v1/auth/token';

describe('POST /api/v1/auth/register', () => {
  it('should answer 201 with the account', async () => {
    const { app } = await buildTestApp();
    const response = await app.inject({
      method: 'POST',
      url: register,
      payload: { ...registration, full_name: 'Ada L' },
    });
    expect(response.statusCode).toBe(201);
    expect(response.json()).toEqual({
      id: 1,
      email: 'ada@example.org',
      username: 'ada',
      name: 'Ada L',
      role: 'user',
      is_active: true,
      is_admin: false,
      created_at: '2026-03-01T12:00:00.000Z',
    });
  });

  it.each([
    ['name', { username: 'ADA', email: 'other@example.org' }],
    ['address', { username: 'other', email: 'ada@EXAMPLE.org' }],
  ])('should answer 409 with one text when the %s is taken', async (_what, change) => {
    const { app } = await buildTestApp();
    await app.inject({ method: 'POST', url: register, payload: registration });
    const response = await app.inject({
      method: 'POST',
      url: register,
      payload: { ...registration, ...change },
    });
    expect(response.statusCode).toBe(409);
    expect(response.json().detail).toBe('This username or e-mail address is already registered.');
  });

  it('should make one account of many parallel registrations', async () => {
    const { app, accounts } = await buildTestApp();
    const responses = await Promise.all(
      Array.from({ length: 100 }, () => app.inject({ method: 'POST', url: register, payload: registration })),
    );
    const statuses = responses.map((response) => response.statusCode);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(99);
    expect(await accounts.users.listUsers()).toHaveLength(1);
  });

  it.each([
    ['username', { username: 'ab' }],
    ['username', { username: 'a@b.example' }],
    ['email', { email: 'nowhere' }],
    ['password', { password: 'short' }],
    ['password', { password: 'password123' }],
    ['password', { password: 'ada@example.org' }],
    ['password', { password: 12345678 }],
  ])('should answer 422 and name %s in %o', async (path, change) => {
    const { app } = await buildTestApp();
    const response = await app.inject({
      method: 'POST',
      url: register,
      payload: { ...registration, ...change },
    });
    expect(response.statusCode).toBe(422);
    expect(response.json().errors).toEqual([{ path, message: expect.any(String) as unknown }]);
  });

  it('should answer 403 when registration is closed', async () => {
    const { app } = await buildTestApp({ env: { REGISTRATION: 'closed' } });
    const response = await app.inject({ method: 'POST', url: register, payload: registration });
    expect(response.statusCode).toBe(403);
    expect(response.json().code).toBe('registration_closed');
  });

  it('should upgrade a guest, who keeps the chats, and end the guest session', async () => {
    const test = await buildTestApp();
    const guest = await buildGuest(test);
    const chatId = await buildChat(test, guest.user.id);
    const response = await test.app.inject({
      method: 'POST',
      url: register,
      payload: registration,
      headers: guest.headers,
    });
    expect(response.json()).toMatchObject({ id: guest.user.id, role: 'user', username: 'ada' });
    const chat = await test.database
      .selectFrom('chats')
      .selectAll()
      .where('id', '=', chatId)
      .executeTakeFirst();
    expect(chat?.userId).toBe(guest.user.id);
    const after = await test.app.inject({ url: '/api/v1/auth/me', headers: guest.headers });
    expect(after.statusCode).toBe(401);
  });

  it('should sign a page in that was a guest by cookie', async () => {
    const test = await buildTestApp();
    const guest = await buildGuest(test);
    const response = await test.app.inject({
      method: 'POST',
      url: register,
      payload: registration,
      headers: cookieHeaders(guest.session),
    });
    const session = response.cookies.find((cookie) => cookie.name === 'wwhd_session');
    const me = await test.app.inject({
      url: '/api/v1/me',
      headers: { cookie: `wwhd_session=${session?.value}` },
    });
    expect(me.json()).toMatchObject({ username: 'ada', id: guest.user.id });
  });
});

describe('POST /api/v1/auth/token', () => {
  it.each([
    ['JSON with a name', { username: ' ADA ', password: testPassword }],
    ['JSON with an address', { email: 'ada@example.org', password: testPassword }],
    ['JSON with an address as name', { username: 'Ada@example.org', password: testPassword }],
  ])('should sign in by %s', async (_what, payload) => {
    const test = await buildTestApp();
    await buildUser(test, registration);
    const response = await test.app.inject({ method: 'POST', url: token, payload });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ token_type: 'bearer', expires_in: 3600 });
    const me = await test.app.inject({
      url: '/api/v1/auth/me',
      headers: { authorization: `Bearer ${response.json().access_token}` },
    });
    expect(me.json()).toMatchObject({
      username: 'ada',
      usage: { tokens_used_today: 0, tokens_limit_daily: null, cost_today: 0 },
    });
  });

  it('should sign in by form, at the alias and with a trailing slash', async () => {
    const test = await buildTestApp();
    await buildUser(test, registration);
    const payload = new URLSearchParams({ grant_type: 'password', username: 'ada', password: testPassword });
    const response = await test.app.inject({
      method: 'POST',
      url: '/api/v1/auth/login/',
      payload: payload.toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(response.statusCode).toBe(200);
  });

  it('should answer the same for an unknown user, a wrong password and a disabled user', async () => {
    const test = await buildTestApp();
    await buildUser(test, registration);
    await buildUser(test, { username: 'gone', email: 'gone@example.org' });
    await test.accounts.users.setUserActive('gone', false);
    const tries = [
      { username: 'nobody', password: testPassword },
      { username: 'ada', password: 'wrong password' },
      { username: 'gone', password: testPassword },
    ];
    const answers = await Promise.all(
      tries.map((payload) => test.app.inject({ method: 'POST', url: token, payload })),
    );
    for (const answer of answers) {
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['www-authenticate']).toContain('Bearer');
      expect({ ...answer.json(), request_id: '' }).toEqual({ ...answers[0]?.json(), request_id: '' });
    }
  });

  it.each([
    [{}],
    [{ password: testPassword }],
    [{ username: 'ada' }],
    [{ username: 1, password: testPassword }],
  ])('should answer 422 to %o', async (payload) => {
    const { app } = await buildTestApp();
    expect((await app.inject({ method: 'POST', url: token, payload })).statusCode).toBe(422);
  });

  it('should store no password and rehash one with other parameters', async () => {
    const test = await buildTestApp();
    const { user } = await buildUser(test, registration);
    const { hash } = await import('@node-rs/argon2');
    const passwordHash = await hash(testPassword, { memoryCost: 8_192, timeCost: 1 });
    await test.database.updateTable('users').set({ passwordHash }).where('id', '=', user.id).execute();
    const payload = { username: 'ada', password: testPassword };
    expect((await test.app.inject({ method: 'POST', url: token, payload })).statusCode).toBe(200);
    const after = await test.accounts.users.findUser(user.id);
    expect(after?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('should claim the chats of the guest who signs in', async () => {
    const test = await buildTestApp();
    const { user } = await buildUser(test, registration);
    const guest = await buildGuest(test);
    await buildChat(test, guest.user.id);
    await test.app.inject({
      method: 'POST',
      url: token,
      payload: { username: 'ada', password: testPassword },
      headers: { ...cookieHeaders(guest.session), 'x-session': 'cookie' },
    });
    const chats = await test.database.selectFrom('chats').select('userId').execute();
    expect(chats).toEqual([{ userId: user.id }]);
    expect(await test.accounts.users.findUser(guest.user.id)).toBeUndefined();
  });
});

describe('POST /api/v1/auth/guest and /claim', () => {
  it('should give a guest tokens for its own things and nothing else', async () => {
    const { app } = await buildTestApp();
    const guest = await app.inject({ method: 'POST', url: '/api/v1/auth/guest' });
    expect(guest.statusCode).toBe(200);
    const headers = { authorization: `Bearer ${guest.json().access_token}` };
    const me = await app.inject({ url: '/api/v1/auth/me', headers });
    expect(me.json()).toMatchObject({ role: 'guest', email: null });
    expect((await app.inject({ url: '/api/v1/auth/sessions', headers })).statusCode).toBe(401);
  });

  it('should answer 403 when guests are not allowed', async () => {
    const { app } = await buildTestApp({ env: { ALLOW_GUESTS: 'off' } });
    expect((await app.inject({ method: 'POST', url: '/api/v1/auth/guest' })).statusCode).toBe(403);
  });

  it('should end a guest after thirty days', async () => {
    const test = await buildTestApp();
    const guest = await buildGuest(test);
    test.clock.advance(30 * 86_400_000 + 1);
    const me = await test.app.inject({ url: '/api/v1/me', headers: cookieHeaders(guest.session) });
    expect(me.statusCode).toBe(401);
    expect(await test.accounts.sessions.removeExpired()).toBe(1);
  });

  it('should move the chats of a named guest once', async () => {
    const test = await buildTestApp();
    const { user, headers } = await buildUser(test);
    const guest = await buildGuest(test);
    const chatId = await buildChat(test, guest.user.id);
    const claim = () =>
      test.app.inject({
        method: 'POST',
        url: '/api/v1/auth/claim',
        payload: { guest_token: guest.session.accessToken },
        headers,
      });
    expect((await claim()).json()).toEqual({ moved_chats: 1 });
    const chat = await test.database
      .selectFrom('chats')
      .selectAll()
      .where('id', '=', chatId)
      .executeTakeFirst();
    expect(chat?.userId).toBe(user.id);
    expect((await claim()).statusCode).toBe(422);
  });

  it('should refuse to claim the chats of another user', async () => {
    const test = await buildTestApp();
    const { headers } = await buildUser(test);
    const victim = await buildUser(test);
    const response = await test.app.inject({
      method: 'POST',
      url: '/api/v1/auth/claim',
      payload: { guest_token: victim.session.accessToken },
      headers,
    });
    expect(response.statusCode).toBe(422);
  });
});
