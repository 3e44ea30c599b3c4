import { describe, expect, it } from 'vitest';

import { buildTestApp } from '../../../../test/build-app.ts';
import { buildUser, testPassword } from '../../../../test/factories.ts';
import { ensureConfiguredAdmin, usernameFrom } from './manage-users.ts';

const admin = { email: 'Head@Example.org', username: 'head', password: testPassword };

async function buildLink() {
  const test = await buildTestApp();
  const link = await test.accounts.setup.createSetupLink('http://localhost:8000');
  const token = new URL(link ?? '').searchParams.get('token') ?? '';
  const post = (given = token, payload: object = admin) =>
    test.app.inject({ method: 'POST', url: `/api/v1/setup?token=${given}`, payload });
  const get = (given = token) => test.app.inject({ url: `/api/v1/setup?token=${given}` });
  return { ...test, token, post, get };
}

describe('the set-up link', () => {
  it('should make the first admin once', async () => {
    const { get, post } = await buildLink();
    expect((await get()).json()).toEqual({ is_open: true, can_load_sample: false });
    const made = await post();
    expect(made.statusCode).toBe(201);
    expect(made.json()).toMatchObject({ role: 'admin', is_admin: true, email: 'head@example.org' });
    expect((await get()).statusCode).toBe(403);
    expect((await post(undefined, { ...admin, email: 'b@example.org', username: 'second' })).statusCode).toBe(
      403,
    );
  });

  it('should give one admin to parallel attempts', async () => {
    const { accounts, post } = await buildLink();
    const answers = await Promise.all(
      ['one', 'two', 'three'].map((username) =>
        post(undefined, { ...admin, username, email: `${username}@x.org` }),
      ),
    );
    expect(answers.map((answer) => answer.statusCode).toSorted((a, b) => a - b)).toEqual([201, 403, 403]);
    expect(await accounts.users.listUsers()).toHaveLength(1);
  });

  it('should refuse a wrong token and an older link, and stay open after a mistake', async () => {
    const { accounts, get, post, token } = await buildLink();
    expect((await get('wrong')).statusCode).toBe(403);
    expect((await post(token, { ...admin, password: 'short' })).statusCode).toBe(422);
    expect((await get()).statusCode).toBe(200);
    await accounts.setup.createSetupLink('http://localhost:8000');
    expect((await get()).statusCode).toBe(403);
  });

  it('should not exist while there is an admin, and keep only a hash', async () => {
    const { accounts, database, token } = await buildLink();
    expect(JSON.stringify(await database.selectFrom('settings').selectAll().execute())).not.toContain(token);
    await accounts.users.createUser({ ...admin, role: 'admin' });
    expect(await accounts.setup.createSetupLink('http://localhost:8000')).toBeUndefined();
    expect(await database.selectFrom('settings').selectAll().execute()).toEqual([]);
  });
});

describe('ensureConfiguredAdmin', () => {
  it('should make the admin once and leave a changed password alone', async () => {
    const { accounts } = await buildTestApp();
    const { users } = accounts;
    const made = await ensureConfiguredAdmin(users, admin);
    expect(made).toMatchObject({ role: 'admin', username: 'Head', email: 'head@example.org' });
    expect(await ensureConfiguredAdmin(users, { ...admin, password: 'another password' })).toBeUndefined();
    await expect(
      accounts.sessions.signIn({ login: 'head', password: testPassword, userAgent: null }),
    ).resolves.toMatchObject({ user: { id: made?.id } });
  });

  it('should take over an account that registered the address before, and no other', async () => {
    const test = await buildTestApp();
    await buildUser(test, { username: 'head', email: 'stranger@example.org' });
    const early = await buildUser(test, {
      username: 'early',
      email: 'head@example.org',
      password: 'of a stranger',
    });
    const made = await ensureConfiguredAdmin(test.accounts.users, admin);
    expect(made).toMatchObject({ id: early.user.id, role: 'admin' });
    expect((await test.app.inject({ url: '/api/v1/me', headers: early.headers })).statusCode).toBe(401);
  });

  it.each([
    ['ada.l@example.org', 'ada.l'],
    ['a+b@example.org', 'abadmin'],
    ['__x_y@example.org', 'x_y'],
  ])('should name the admin of %s %s', (email, expected) => {
    expect(usernameFrom(email)).toBe(expected);
  });
});

describe('managing users', () => {
  it('should make a user once and correct role and password', async () => {
    const { accounts } = await buildTestApp();
    const first = await accounts.users.ensureUser({ ...admin, role: 'curator' });
    const again = await accounts.users.ensureUser({ ...admin, role: 'admin', password: 'a new password' });
    expect([first.isNew, again.isNew]).toEqual([true, false]);
    expect(again.user).toMatchObject({ id: first.user.id, role: 'admin' });
    const signIn = { login: 'head', password: 'a new password', userAgent: null };
    await expect(accounts.sessions.signIn(signIn)).resolves.toMatchObject({ user: { id: first.user.id } });
  });

  it('should keep the last admin active and an admin', async () => {
    const { accounts } = await buildTestApp();
    await accounts.users.createUser({ ...admin, role: 'admin' });
    await expect(accounts.users.setUserActive('head', false)).rejects.toMatchObject({ status: 409 });
    await expect(accounts.users.setUserRole('head', 'user')).rejects.toMatchObject({ status: 409 });
    expect(await accounts.users.getUser('head')).toMatchObject({
      isActive: 1,
      role: 'admin',
      tokenVersion: 1,
    });
  });

  it('should not list or find guests', async () => {
    const { accounts } = await buildTestApp();
    const guest = await accounts.sessions.openGuest(null);
    expect(await accounts.users.listUsers()).toEqual([]);
    await expect(accounts.users.getUser(guest.user.username)).rejects.toMatchObject({ status: 404 });
  });
});
