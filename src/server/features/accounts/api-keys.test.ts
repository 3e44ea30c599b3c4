import { describe, expect, it } from 'vitest';

import { buildTestApp } from '../../../../test/build-app.ts';
import { buildUser } from '../../../../test/factories.ts';

const url = '/api/v1/auth/api-keys';

async function buildKey(options: { scopes?: string[]; expires_at?: string; role?: 'user' | 'curator' } = {}) {
  const { role = 'user', ...input } = options;
  const test = await buildTestApp({
    register: (app) => {
      app.get('/api/v1/documents', async (request) => ({
        role: request.caller.role,
        via: request.caller.via,
      }));
      app.post('/api/v1/documents', async () => ({}));
      app.post('/api/v1/documents/search', async () => ({}));
    },
  });
  const owner = await buildUser(test, { role });
  const made = await test.app.inject({
    method: 'POST',
    url,
    payload: { name: 'cli', ...input },
    headers: owner.headers,
  });
  const keyHeaders = { authorization: `Bearer ${made.json().key}` };
  return { ...test, owner, made, keyHeaders };
}

describe('/api/v1/auth/api-keys', () => {
  it('should show the secret once and store a hash', async () => {
    const { app, database, owner, made } = await buildKey();
    expect(made.statusCode).toBe(201);
    const { key, ...shown } = made.json() as { key: string; prefix: string; id: number };
    expect(key).toMatch(/^wwhd_[\w-]{43}$/);
    const list = await app.inject({ url, headers: owner.headers });
    expect(list.json()).toEqual({
      api_keys: [{ ...shown, prefix: key.slice(0, 12), scopes: ['read', 'chat'] }],
    });
    const rows = await database.selectFrom('apiKeys').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(key);
  });

  it('should open what its scopes allow and note the use', async () => {
    const { app, owner, keyHeaders } = await buildKey({ scopes: ['read'] });
    const read = await app.inject({ url: '/api/v1/documents', headers: keyHeaders });
    expect(read.json()).toEqual({ role: 'user', via: 'api-key' });
    const write = await app.inject({ method: 'POST', url: '/api/v1/documents/search', headers: keyHeaders });
    expect(write.statusCode).toBe(403);
    const list = await app.inject({ url, headers: owner.headers });
    expect(list.json().api_keys[0].last_used_at).toBe('2026-03-01T12:00:00.000Z');
  });

  it('should not manage the account', async () => {
    const { app, keyHeaders } = await buildKey();
    const calls = [
      { method: 'POST', url, payload: { name: 'second' } },
      { method: 'DELETE', url: `${url}/1` },
      { method: 'PATCH', url: '/api/v1/me', payload: { name: 'x' } },
      { method: 'DELETE', url: '/api/v1/me' },
      { method: 'DELETE', url: '/api/v1/auth/sessions' },
    ] as const;
    for (const call of calls) {
      expect((await app.inject({ ...call, headers: keyHeaders })).statusCode).toBe(403);
    }
    expect((await app.inject({ url: '/api/v1/me', headers: keyHeaders })).statusCode).toBe(200);
  });

  it('should lose a right with the role of its owner', async () => {
    const { app, accounts, owner, keyHeaders } = await buildKey({ scopes: ['knowledge'], role: 'curator' });
    const write = () => app.inject({ method: 'POST', url: '/api/v1/documents', headers: keyHeaders });
    expect((await write()).statusCode).toBe(200);
    await accounts.users.setUserRole(owner.user.username, 'user');
    expect((await write()).statusCode).toBe(403);
  });

  it('should end when removed, expired, or when its owner is disabled', async () => {
    const read = async (test: Awaited<ReturnType<typeof buildKey>>) =>
      (await test.app.inject({ url: '/api/v1/documents', headers: test.keyHeaders })).statusCode;
    const removed = await buildKey();
    await removed.app.inject({ method: 'DELETE', url: `${url}/1`, headers: removed.owner.headers });
    expect(await read(removed)).toBe(401);
    const expired = await buildKey({ expires_at: '2026-03-01T13:00:00Z' });
    expect(await read(expired)).toBe(200);
    expired.clock.advance(3_600_000);
    expect(await read(expired)).toBe(401);
    const disabled = await buildKey();
    await disabled.accounts.users.setUserActive(disabled.owner.user.username, false);
    expect(await read(disabled)).toBe(401);
  });

  it.each([
    ['scopes', { scopes: ['admin'] }],
    ['scopes.0', { scopes: ['everything'] }],
    ['expires_at', { expires_at: '2020-01-01T00:00:00Z' }],
    ['expires_at', { expires_at: 'tomorrow' }],
  ])('should answer 422 and name %s in %o', async (path, input) => {
    const { made } = await buildKey(input);
    expect(made.statusCode).toBe(422);
    expect(made.json().errors[0].path).toBe(path);
  });

  it('should answer 404 for the key of someone else and 422 for what is no id', async () => {
    const test = await buildKey();
    const { headers } = await buildUser(test);
    expect((await test.app.inject({ method: 'DELETE', url: `${url}/1`, headers })).statusCode).toBe(404);
    expect((await test.app.inject({ method: 'DELETE', url: `${url}/x`, headers })).statusCode).toBe(422);
  });
});
