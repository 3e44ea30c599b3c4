import { assert, nat, property } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { buildTestApp, type TestApp } from '../../../../../test/build-app.ts';
import { buildUser, testPassword } from '../../../../../test/factories.ts';
import { createLockout, delayAfter } from './create-lockout.ts';

const rule = { freeFailures: 5, longestMs: 900_000 };

function attempt(
  test: TestApp,
  options: { username?: string; password?: string; remoteAddress?: string } = {},
) {
  const { username = 'ada', password = 'wrong password', remoteAddress = '10.0.0.1' } = options;
  return test.app.inject({
    method: 'POST',
    url: '/api/v1/auth/token',
    payload: { username, password },
    remoteAddress,
  });
}

async function fail(
  test: TestApp,
  count: number,
  options: { username?: string; remoteAddress?: string } = {},
) {
  const statuses: number[] = [];
  for (let index = 0; index < count; index++) statuses.push((await attempt(test, options)).statusCode);
  return statuses;
}

async function buildAda() {
  const test = await buildTestApp();
  await buildUser(test, { username: 'ada', email: 'ada@example.org' });
  await buildUser(test, { username: 'bob', email: 'bob@example.org' });
  return test;
}

describe('the lockout', () => {
  it('should make an account wait after five failures, also for the right password, and then let it in', async () => {
    const test = await buildAda();
    expect(await fail(test, 6)).toEqual([401, 401, 401, 401, 401, 429]);
    const blocked = await attempt(test, { password: testPassword });
    expect([blocked.statusCode, blocked.headers['retry-after']]).toEqual([429, '15']);
    expect((await attempt(test, { username: 'bob', password: testPassword })).statusCode).toBe(200);
    test.clock.advance(15_000);
    expect((await attempt(test, { password: testPassword })).statusCode).toBe(200);
    expect(await fail(test, 5)).toEqual([401, 401, 401, 401, 401]);
  });

  it('should double the delay with each further failure', async () => {
    const test = await buildAda();
    await fail(test, 5);
    const waits: number[] = [];
    for (let index = 0; index < 4; index++) {
      const seconds = Number((await attempt(test)).headers['retry-after']);
      waits.push(seconds);
      test.clock.advance(seconds * 1_000);
      await attempt(test);
    }
    expect(waits).toEqual([15, 30, 60, 120]);
  });

  it('should answer the same for an account that does not exist', async () => {
    const test = await buildAda();
    const known = await fail(test, 7);
    expect(await fail(test, 7, { username: 'nobody', remoteAddress: '10.0.0.2' })).toEqual(known);
  });

  it('should not be got round by parallel attempts', async () => {
    const test = await buildAda();
    const answers = await Promise.all(Array.from({ length: 20 }, () => attempt(test)));
    expect(answers.filter((answer) => answer.statusCode === 401)).toHaveLength(5);
  });

  it('should count an account over all addresses, and an address over all accounts', async () => {
    const test = await buildAda();
    for (let host = 1; host <= 5; host++) {
      expect(await fail(test, 4, { remoteAddress: `10.0.1.${host}` })).toEqual([401, 401, 401, 401]);
    }
    expect((await attempt(test, { remoteAddress: '10.0.1.9', password: testPassword })).statusCode).toBe(429);
    const remoteAddress = '10.0.2.1';
    for (let index = 0; index < 30; index++)
      await attempt(test, { username: `guess${index}`, remoteAddress });
    const bob = { username: 'bob', password: testPassword };
    expect((await attempt(test, { ...bob, remoteAddress })).statusCode).toBe(429);
    expect((await attempt(test, bob)).statusCode).toBe(200);
  });

  it('should survive a restart and hold nothing that was typed', async () => {
    const test = await buildAda();
    await fail(test, 5);
    const again = createLockout({ database: test.database, now: test.clock.now });
    const guarded = again.guard(
      { login: 'ada', address: '10.0.0.1', isFailure: () => true },
      async () => 'in',
    );
    await expect(guarded).rejects.toMatchObject({ code: 'rate_limited', retryAfterSeconds: 15 });
    const rows = await test.database.selectFrom('signInFailures').selectAll().execute();
    expect(JSON.stringify(rows)).not.toMatch(/ada|10\.0\.0/);
    test.clock.advance(86_400_000);
    expect(await again.removeExpired()).toBe(3);
  });

  it('should not count what is no wrong guess', async () => {
    const { database, clock } = await buildTestApp();
    const lockout = createLockout({ database, now: clock.now });
    const who = { login: 'ada', address: '10.0.0.1', isFailure: () => false };
    for (let index = 0; index < 10; index++) {
      const guarded = lockout.guard(who, () => Promise.reject(new Error('disk full')));
      await expect(guarded).rejects.toThrow('disk full');
    }
    await expect(lockout.guard(who, async () => 'in')).resolves.toBe('in');
  });

  it('should watch the present password too', async () => {
    const test = await buildTestApp();
    const { headers } = await buildUser(test);
    const change = (current: string) =>
      test.app.inject({
        method: 'PATCH',
        url: '/api/v1/me',
        headers,
        payload: { password: 'a new password', current_password: current },
      });
    for (let index = 0; index < 5; index++) expect((await change('wrong')).statusCode).toBe(422);
    expect((await change(testPassword)).statusCode).toBe(429);
  });
});

describe('delayAfter', () => {
  it('should never shrink with more failures nor pass the longest', () => {
    assert(
      property(nat(10_000), (failures) => {
        const delay = delayAfter(failures, rule);
        expect(delay).toBeLessThanOrEqual(rule.longestMs);
        expect(delayAfter(failures + 1, rule)).toBeGreaterThanOrEqual(delay);
      }),
    );
  });
});
