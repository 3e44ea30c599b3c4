import type { KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { buildTestApp, createTestBytes, createTestClock, type TestApp } from '../../../../test/build-app.ts';
import { buildUser } from '../../../../test/factories.ts';
import { createAccessTokens } from './issue-tokens.ts';
import { loadSigningKeys, rotateKeys } from './keys/key-file.ts';
import { symmetricKey } from './keys/signing-keys.ts';

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
    const before = createAccessTokens({ ...common, keys: [symmetricKey('old secret')] });
    const after = createAccessTokens({
      ...common,
      keys: [symmetricKey('new secret'), symmetricKey('old secret')],
    });
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

describe('keys of access tokens', () => {
  let dataFolder: string;
  beforeEach(() => {
    dataFolder = mkdtempSync(join(tmpdir(), 'wwhd-keys-'));
  });
  afterEach(() => rmSync(dataFolder, { recursive: true }));
  const user = { id: 7, username: 'ada', email: 'ada@example.org', role: 'user', tokenVersion: 1 } as const;
  const buildKeys = (jwtAlgorithm: 'HS256' | 'ES256', jwtSecret?: string) => {
    const clock = createTestClock();
    const randomBytes = createTestBytes();
    const security = { jwtAlgorithm, jwtSecret, jwtSecretPrevious: undefined };
    const options = { security, dataFolder, randomBytes, now: clock.now };
    const tokens = () =>
      createAccessTokens({
        keys: loadSigningKeys(options),
        issuer: 'wwhd',
        audience: 'wwhd-users',
        now: clock.now,
        randomBytes,
      });
    return { clock, options, tokens, rotate: (isForced = false) => rotateKeys({ ...options, isForced }) };
  };

  it('should be made once in a file that only the owner can read', () => {
    const { options } = buildKeys('HS256');
    const [first] = loadSigningKeys(options);
    expect(loadSigningKeys(options)).toEqual([first]);
    const path = join(dataFolder, 'jwt-secret');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toMatch(/^[0-9a-f]{64} 2026-03-01T12:00:00.000Z\n$/);
    expect(loadSigningKeys(buildKeys('HS256', 'given').options)).toEqual([symmetricKey('given')]);
  });

  it('should be read from a file with nothing but a secret', () => {
    writeFileSync(join(dataFolder, 'jwt-secret'), 'of-an-earlier-version\n');
    expect(loadSigningKeys(buildKeys('HS256').options)).toEqual([symmetricKey('of-an-earlier-version')]);
  });

  it.each(['HS256', 'ES256'] as const)('should rotate with two valid %s keys', async (algorithm) => {
    const { clock, tokens, rotate } = buildKeys(algorithm);
    const old = await tokens().issue(user, 'line');
    const id = rotate();
    const fresh = await tokens().issue(user, 'line');
    const header = JSON.parse(Buffer.from(fresh.split('.')[0] ?? '', 'base64url').toString()) as object;
    expect(header).toEqual({ alg: algorithm, typ: 'JWT', kid: id });
    expect(payloadOf(fresh)).toMatchObject({ user_id: 7, username: 'ada', email: 'ada@example.org' });
    expect(await tokens().read(old)).toMatchObject({ userId: 7 });
    expect(() => rotate()).toThrow('less than an hour ago');
    rotate(true);
    expect(await tokens().read(old)).toBeUndefined();
    expect(await tokens().read(fresh)).toMatchObject({ userId: 7 });
    clock.advance(3_660_000);
    expect(() => rotate()).not.toThrow();
  });

  it('should not take the public key of ES256 for a secret of HS256', async () => {
    const { options, tokens } = buildKeys('ES256');
    const [key] = loadSigningKeys(options);
    const publicKey = (key.verifyWith as KeyObject).export({ format: 'pem', type: 'spki' }) as string;
    const real = await tokens().issue(user, 'line');
    const forge = (kid?: string) =>
      new SignJWT(payloadOf(real))
        .setProtectedHeader({ alg: 'HS256', ...(kid === undefined ? {} : { kid }) })
        .sign(new TextEncoder().encode(publicKey));
    expect(await tokens().read(real)).toBeDefined();
    expect(await tokens().read(await forge(key.id))).toBeUndefined();
    expect(await tokens().read(await forge())).toBeUndefined();
  });

  it('should say how a configured secret is rotated, and what to do with a broken file', () => {
    expect(() => buildKeys('HS256', 'given').rotate()).toThrow('JWT_SECRET_PREVIOUS');
    writeFileSync(join(dataFolder, 'jwt-es256-keys'), 'broken\n');
    expect(() => loadSigningKeys(buildKeys('ES256').options)).toThrow('holds no key');
  });

  it('should sign sessions with ES256 when configured', async () => {
    const test = await buildTestApp({ env: { JWT_ALGORITHM: 'ES256' } });
    const { session } = await buildUser(test);
    expect(await statusOf(test, session.accessToken)).toBe(200);
  });
});
