import { describe, expect, it } from 'vitest';

import { buildTestApp } from '../../../test/build-app.ts';
import { buildUser } from '../../../test/factories.ts';
import type { App } from './http-app.ts';

const env = { RATE_LIMIT_PER_MINUTE: '6', GUEST_RATE_LIMIT_PER_MINUTE: '2' };
const chat = { method: 'POST', url: '/api/v1/chat', payload: {} } as const;

function register(app: App): void {
  app.get('/api/v1/personas', async () => []);
  app.get('/health', async () => ({}));
  app.post('/api/v1/chat', async () => ({}));
}

async function statusesOf(count: number, call: () => Promise<{ statusCode: number }>): Promise<number[]> {
  const statuses: number[] = [];
  for (let index = 0; index < count; index++) statuses.push((await call()).statusCode);
  return statuses;
}

describe('rate limits', () => {
  it('should count users apart, by user', async () => {
    const test = await buildTestApp({ register, env });
    const one = await buildUser(test);
    const two = await buildUser(test);
    const ask = (headers: { authorization: string }) => test.app.inject({ ...chat, headers });
    const first = await ask(one.headers);
    expect(first.headers).toMatchObject({ 'x-ratelimit-limit': '6', 'x-ratelimit-remaining': '5' });
    expect(await statusesOf(6, () => ask(one.headers))).toEqual([200, 200, 200, 200, 200, 429]);
    const refused = await ask(one.headers);
    expect(refused.json()).toMatchObject({ code: 'rate_limited', status: 429 });
    expect(refused.headers['x-ratelimit-remaining']).toBe('0');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask(two.headers)).statusCode).toBe(200);
  });

  it('should give staff ten times as much', async () => {
    const test = await buildTestApp({ register, env });
    const { headers } = await buildUser(test, { role: 'curator' });
    expect((await test.app.inject({ ...chat, headers })).headers['x-ratelimit-limit']).toBe('60');
  });

  it('should count questions of new guests by address, and make no guest beyond the limit', async () => {
    const { app, database } = await buildTestApp({ register, env });
    expect(await statusesOf(3, () => app.inject(chat))).toEqual([200, 200, 429]);
    expect((await app.inject({ ...chat, remoteAddress: '10.0.0.9' })).statusCode).toBe(200);
    expect(await database.selectFrom('users').select('id').execute()).toHaveLength(3);
  });

  it('should not let one address ask without end through new guests', async () => {
    const test = await buildTestApp({ register, env });
    const statuses: number[] = [];
    for (let index = 0; index < 11; index++) {
      const guest = await test.accounts.sessions.openGuest(null);
      const headers = { authorization: `Bearer ${guest.accessToken}` };
      statuses.push(...(await statusesOf(2, () => test.app.inject({ ...chat, headers }))));
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(20);
    expect(statuses.slice(20)).toEqual([429, 429]);
  });

  it('should slow failed sign-ins of an address down, whatever name they try', async () => {
    const { app } = await buildTestApp({ register, env });
    let count = 0;
    const attempt = () =>
      app.inject({
        method: 'POST',
        url: '/api/v1/auth/refresh',
        payload: { refresh_token: `guess${count++}` },
      });
    expect(await statusesOf(7, attempt)).toEqual([401, 401, 401, 401, 401, 401, 429]);
  });

  it('should leave health checks alone and be generous with reads', async () => {
    const { app } = await buildTestApp({ register, env });
    expect(await statusesOf(50, () => app.inject({ url: '/health' }))).not.toContain(429);
    const reads = await statusesOf(31, () => app.inject({ url: '/api/v1/personas' }));
    expect(reads.indexOf(429)).toBe(30);
  });
});
