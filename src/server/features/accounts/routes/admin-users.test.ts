import { describe, expect, it } from 'vitest';

import { buildTestApp } from '../../../../../test/build-app.ts';
import { buildGuest, buildUser } from '../../../../../test/factories.ts';

const url = '/api/v1/admin/users';

async function buildStaff() {
  const test = await buildTestApp();
  const admin = await buildUser(test, { username: 'head', email: 'head@example.org', role: 'admin' });
  const user = await buildUser(test, { username: 'ada_l', email: 'ada@example.org' });
  const patch = (id: number | string, payload: object, headers: object = admin.headers) =>
    test.app.inject({ method: 'PATCH', url: `${url}/${id}`, payload, headers: { ...headers } });
  const get = (query = '') => test.app.inject({ url: `${url}${query}`, headers: admin.headers });
  return { ...test, admin, user, patch, get };
}

describe('GET /api/v1/admin/users', () => {
  it('should list accounts without guests, hashes and secrets', async () => {
    const test = await buildStaff();
    await buildGuest(test);
    const response = await test.get();
    expect(response.json()).toMatchObject({ total: 2, page: 1, per_page: 20 });
    expect(response.json().users.map((user: { username: string }) => user.username)).toEqual([
      'head',
      'ada_l',
    ]);
    expect(response.body).not.toMatch(/argon|hash|version/i);
  });

  it.each([
    ['?q=ADA', ['ada_l']],
    ['?q=example.org', ['head', 'ada_l']],
    ['?q=_', ['ada_l']],
    ['?q=%25', []],
    ['?per_page=1&page=2', ['ada_l']],
    ['?page=9', []],
  ])('should find by %s %o', async (query, expected) => {
    const { get } = await buildStaff();
    const names = (await get(query)).json().users.map((user: { username: string }) => user.username);
    expect(names).toEqual(expected);
  });

  it.each(['?page=0', '?per_page=101', '?page=x'])('should answer 422 to %s', async (query) => {
    const { get } = await buildStaff();
    expect((await get(query)).statusCode).toBe(422);
  });

  it('should be for admins alone', async () => {
    const { app, user, patch, admin } = await buildStaff();
    expect((await app.inject({ url })).statusCode).toBe(401);
    expect((await app.inject({ url, headers: user.headers })).statusCode).toBe(403);
    expect((await patch(admin.user.id, { is_active: false }, user.headers)).statusCode).toBe(403);
  });
});

describe('PATCH /api/v1/admin/users/{id}', () => {
  it('should change role and activity at once', async () => {
    const { app, user, patch } = await buildStaff();
    const me = () => app.inject({ url: '/api/v1/me', headers: user.headers });
    expect((await patch(user.user.id, { role: 'curator' })).json()).toMatchObject({ role: 'curator' });
    expect((await me()).json().role).toBe('curator');
    expect((await patch(user.user.id, { is_active: false })).json()).toMatchObject({ is_active: false });
    expect((await me()).statusCode).toBe(401);
  });

  it('should keep the last admin', async () => {
    const { admin, user, patch } = await buildStaff();
    expect((await patch(admin.user.id, { role: 'user' })).statusCode).toBe(409);
    expect((await patch(admin.user.id, { is_active: false })).statusCode).toBe(409);
    await patch(user.user.id, { role: 'admin' });
    expect((await patch(admin.user.id, { role: 'user' })).statusCode).toBe(200);
  });

  it('should answer 404 for nobody and guests, and 422 for nonsense', async () => {
    const test = await buildStaff();
    const guest = await buildGuest(test);
    expect((await test.patch(999, { is_active: true })).statusCode).toBe(404);
    expect((await test.patch(guest.user.id, { role: 'user' })).statusCode).toBe(404);
    for (const payload of [{}, { role: 'guest' }, { role: 'king' }, { is_active: 'no' }]) {
      expect((await test.patch(test.user.user.id, payload)).statusCode).toBe(422);
    }
    expect((await test.patch('x', { is_active: true })).statusCode).toBe(422);
  });
});
