import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';

import { buildTestApp, createTestBytes, createTestClock, type TestApp } from '../../../../test/build-app.ts';
import { buildUser } from '../../../../test/factories.ts';
import { createAccessTokens } from './issue-tokens.ts';
import { loadJwtSecret } from './load-jwt-secret.ts';

const secret = '6f1d'.repeat(16);

async function statusOf({ app }: TestApp, token: string): Promise<number> {
  const response = await app.inject({ url: '/api/v1/me', headers: { authorization: `Bearer ${token}` } });
  return response.statusCode;
}

function payloadOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<
    string,
    unknown
  >;
}

describe('access tokens', () => {
  it('should carry the promised claims', async () => {
    const test = await buildTestApp();
    const { user, session } = await buildUser(test);
    const header = JSON.parse(
      Buffer.from(session.accessToken.split('.')[0] ?? '', 'base64url').toString(),
    ) as object;
    expect(header).toEqual({
      alg: 'HS256',
      typ: 'JWT',
      kid: expect.stringMatching(/^[0-9a-f]{12}$/) as unknown,
    });
    const issuedAt = test.clock.now().getTime() / 1000;
    expect(payloadOf(session.accessToken)).toMatchObject({
      sub: String(user.id),
      role: 'user',
      iss: 'wwhd',
      aud: 'wwhd-users',
      iat: issuedAt,
      exp: issuedAt + 3600,
      user_id: user.id,
      username: user.username,
      email: user.email,
    });
  });

  it('should end after an hour with a minute of leeway', async () => {
    const test = await buildTestApp();
    const { session } = await buildUser(test);
    test.clock.advance(3_600_000 + 59_000);
    expect(await statusOf(test, session.accessToken)).toBe(200);
    test.clock.advance(2_000);
    expect(await statusOf(test, session.accessToken)).toBe(401);
  });

  it('should refuse another algorithm, issuer, audience, key or a missing claim', async () => {
    const test = await buildTestApp();
    const { session } = await buildUser(test);
    const claims = payloadOf(session.accessToken);
    const key = new TextEncoder().encode(secret);
    const sign = (changes: Record<string, unknown>, options: { alg?: string; key?: Uint8Array } = {}) =>
      new SignJWT({ ...claims, ...changes })
        .setProtectedHeader({ alg: options.alg ?? 'HS256' })
        .sign(options.key ?? key);
    const good = await sign({});
    expect(await statusOf(test, good)).toBe(200);
    const bad = [
      new UnsecuredJWT(claims).encode(),
      await sign({}, { alg: 'HS512' }),
      await sign({}, { key: new TextEncoder().encode('another secret that is long enough') }),
      await sign({ iss: 'someone-else' }),
      await sign({ aud: 'another-service' }),
      await sign({ ver: undefined }),
      await sign({ sid: undefined }),
      await sign({ exp: undefined }),
      await sign({ sub: '999' }),
      `${good.slice(0, -3)}abc`,
      'not-a-token',
    ];
    for (const token of bad) expect(await statusOf(test, token)).toBe(401);
  });

  it('should accept the former secret while keys are rotated, and sign with the new one', async () => {
    const clock = createTestClock();
    const common = { issuer: 'wwhd', audience: 'wwhd-users', now: clock.now, randomBytes: createTestBytes() };
    const user = { id: 7, username: 'ada', email: null, role: 'user', tokenVersion: 1 } as const;
    const before = createAccessTokens({ ...common, secrets: ['old secret'] });
    const after = createAccessTokens({ ...common, secrets: ['new secret', 'old secret'] });
    const token = await before.issue(user, 'line');
    expect(await after.read(token)).toEqual({ userId: 7, tokenVersion: 1, sessionId: 'line' });
    expect(await before.read(await after.issue(user, 'line'))).toBeUndefined();
  });

  it('should end at once when the user is disabled', async () => {
    const test = await buildTestApp();
    const { user, session } = await buildUser(test);
    expect(await statusOf(test, session.accessToken)).toBe(200);
    await test.accounts.users.setUserActive(user.username, false);
    expect(await statusOf(test, session.accessToken)).toBe(401);
    await test.accounts.users.setUserActive(user.username, true);
    expect(await statusOf(test, session.accessToken)).toBe(401);
  });

  it('should act with the role of now, not that of the token', async () => {
    const test = await buildTestApp();
    const { user, headers } = await buildUser(test);
    await test.accounts.users.setUserRole(user.username, 'curator');
    expect((await test.app.inject({ url: '/api/v1/me', headers })).json()).toMatchObject({ role: 'curator' });
  });
});

describe('loadJwtSecret', () => {
  it('should make a secret once that only the owner can read', () => {
    const dataFolder = mkdtempSync(join(tmpdir(), 'wwhd-secret-'));
    try {
      const options = { configured: undefined, dataFolder, randomBytes: createTestBytes() };
      const first = loadJwtSecret(options);
      expect(first).toMatch(/^[0-9a-f]{64}$/);
      expect(loadJwtSecret(options)).toBe(first);
      const path = join(dataFolder, 'jwt-secret');
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(readFileSync(path, 'utf8').trim()).toBe(first);
      expect(loadJwtSecret({ ...options, configured: 'given' })).toBe('given');
    } finally {
      rmSync(dataFolder, { recursive: true });
    }
  });
});
