import { assert, nat, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { buildTestApp, createTestBytes } from '../../../../../test/build-app.ts';
import { buildUser, testPassword } from '../../../../../test/factories.ts';
import { symmetricKey } from '../keys/signing-keys.ts';
import { createSecondFactor } from './manage-second-factor.ts';
import { createSealer } from './seal-secret.ts';
import { findStep, hotp, otpauthUrl, stepOf, toBase32 } from './totp.ts';

const base = '/api/v1/auth/second-factor';
const secretOf = (length: number) => Buffer.from('1234567890'.repeat(7)).subarray(0, length);

describe('one-time codes', () => {
  it.each([
    [59, 'sha1', 20, '94287082'],
    [59, 'sha256', 32, '46119246'],
    [59, 'sha512', 64, '90693936'],
    [1_111_111_109, 'sha1', 20, '07081804'],
    [1_111_111_109, 'sha256', 32, '68084774'],
    [1_111_111_109, 'sha512', 64, '25091201'],
    [1_111_111_111, 'sha1', 20, '14050471'],
    [1_234_567_890, 'sha1', 20, '89005924'],
    [2_000_000_000, 'sha1', 20, '69279037'],
    [20_000_000_000, 'sha1', 20, '65353130'],
    [20_000_000_000, 'sha512', 64, '47863826'],
  ] as const)('should be those of RFC 6238, appendix B, at %i s with %s', (...row) => {
    const [seconds, algorithm, length, code] = row;
    const counter = stepOf(new Date(seconds * 1_000));
    expect(hotp({ secret: secretOf(length), counter, digits: 8, algorithm })).toBe(code);
  });

  it('should hold one step before and after, and no further', () => {
    assert(
      property(uint8Array({ minLength: 20, maxLength: 20 }), nat(1_000_000), (secret, position) => {
        const step = position + 10;
        const now = new Date(step * 30_000 + 12_345);
        for (const near of [step - 1, step, step + 1]) {
          expect(findStep({ secret, code: hotp({ secret, counter: near }), now })).toBeDefined();
        }
        expect(findStep({ secret, code: '12345', now })).toBeUndefined();
      }),
      { numRuns: 50 },
    );
    const far = hotp({ secret: secretOf(20), counter: 98 });
    expect(findStep({ secret: secretOf(20), code: far, now: new Date(100 * 30_000) })).toBeUndefined();
  });

  it('should be written for apps', () => {
    expect(toBase32(Buffer.from('foobar'))).toBe('MZXW6YTBOI');
    expect(otpauthUrl({ secret: Buffer.from('foobar'), account: 'a@b.org', issuer: 'WWHD' })).toBe(
      'otpauth://totp/WWHD:a%40b.org?secret=MZXW6YTBOI&issuer=WWHD',
    );
  });
});

describe('sealed secrets', () => {
  const randomBytes = createTestBytes();
  const old = createSealer({ keys: [symmetricKey('old')], randomBytes });

  it('should open with the same key and context only', () => {
    assert(
      property(uint8Array({ maxLength: 100 }), (secret) => {
        const sealed = old.seal(secret, 'user 1');
        expect(Buffer.from(old.open(sealed, 'user 1') ?? [255])).toEqual(Buffer.from(secret));
        expect(old.open(sealed, 'user 2')).toBeUndefined();
      }),
    );
    const sealed = old.seal(Buffer.from('secret'), 'user 1');
    const flipped = `${sealed.slice(0, -8)}${sealed.at(-8) === 'A' ? 'B' : 'A'}${sealed.slice(-7)}`;
    expect(old.open(flipped, 'user 1')).toBeUndefined();
    expect(createSealer({ keys: [symmetricKey('new')], randomBytes }).open(sealed, 'user 1')).toBeUndefined();
    for (const broken of ['', 'v1', 'v1.x.y', sealed.slice(0, 20)])
      expect(old.open(broken, 'user 1')).toBeUndefined();
  });
});

async function buildEnrolled() {
  const test = await buildTestApp();
  const owner = await buildUser(test, { username: 'ada', email: 'ada@example.org', role: 'admin' });
  const post = (path: string, payload: object, headers: object = owner.headers) =>
    test.app.inject({ method: 'POST', url: path, payload, headers: { ...headers } });
  const signIn = (otp?: string, password = testPassword) =>
    post('/api/v1/auth/token', { username: 'ada', password, ...(otp === undefined ? {} : { otp }) }, {});
  const enrolled = (await post(base, { current_password: testPassword })).json() as { secret: string };
  const code = async (steps = 0) => {
    const row = await test.database.selectFrom('secondFactors').selectAll().executeTakeFirstOrThrow();
    const sealer = createSealer({ keys: [symmetricKey('6f1d'.repeat(16))], randomBytes: createTestBytes() });
    const secret = sealer.open(row.secret, `user ${owner.user.id}`) ?? new Uint8Array();
    return hotp({ secret, counter: stepOf(test.clock.now()) + steps });
  };
  return { ...test, owner, post, signIn, enrolled, code };
}

async function buildEnabled() {
  const test = await buildEnrolled();
  const confirmed = await test.post(`${base}/confirm`, { otp: await test.code() });
  test.clock.advance(30_000);
  return { ...test, recoveryCodes: confirmed.json().recovery_codes as string[] };
}

describe('the second factor', () => {
  it('should count only after a first right code, and be stored encrypted', async () => {
    const { app, database, owner, post, signIn, enrolled, code } = await buildEnrolled();
    expect((await signIn()).statusCode).toBe(200);
    const wrong = (await code()) === '000000' ? '000001' : '000000';
    expect((await post(`${base}/confirm`, { otp: wrong })).statusCode).toBe(422);
    const confirmed = await post(`${base}/confirm`, { otp: await code() });
    expect(new Set(confirmed.json().recovery_codes).size).toBe(10);
    expect((await signIn()).json()).toMatchObject({ status: 401, code: 'second_factor_required' });
    const state = await app.inject({ url: base, headers: owner.headers });
    expect(state.json()).toMatchObject({ is_enabled: true, recovery_codes_left: 10 });
    const rows = [
      ...(await database.selectFrom('secondFactors').selectAll().execute()),
      ...(await database.selectFrom('recoveryCodes').selectAll().execute()),
    ];
    expect(JSON.stringify(rows)).not.toContain(enrolled.secret);
    expect(JSON.stringify(rows)).not.toContain(confirmed.json().recovery_codes[0]);
    expect((await post(base, { current_password: testPassword })).statusCode).toBe(409);
  });

  it('should ask for a code after the right password only, and take each code once', async () => {
    const { signIn, code } = await buildEnabled();
    expect((await signIn(undefined, 'wrong')).json().code).toBe('invalid_credentials');
    const otp = await code();
    expect((await signIn(`${otp.slice(0, 3)} ${otp.slice(3)}`)).statusCode).toBe(200);
    expect((await signIn(otp)).json().code).toBe('invalid_credentials');
    expect((await signIn(await code(-1))).statusCode).toBe(401);
    expect((await signIn(await code(1))).statusCode).toBe(200);
  });

  it('should give one session to parallel uses of a code', async () => {
    const { signIn, code } = await buildEnabled();
    const otp = await code();
    const answers = await Promise.all([signIn(otp), signIn(otp), signIn(otp)]);
    expect(answers.map((answer) => answer.statusCode).toSorted((a, b) => a - b)).toEqual([200, 401, 401]);
  });

  it('should take each recovery code once, and new ones end the old', async () => {
    const { post, signIn, code, recoveryCodes } = await buildEnabled();
    const [first = '', second = ''] = recoveryCodes;
    expect((await signIn(first.toUpperCase())).statusCode).toBe(200);
    expect((await signIn(first)).statusCode).toBe(401);
    const proof = { current_password: testPassword, otp: await code() };
    const renewed = await post(`${base}/recovery-codes`, proof);
    expect(renewed.json().recovery_codes).toHaveLength(10);
    expect((await signIn(second)).statusCode).toBe(401);
    expect((await signIn(renewed.json().recovery_codes[0])).statusCode).toBe(200);
  });

  it('should make guesses of codes wait', async () => {
    const { signIn, code } = await buildEnabled();
    const wrong = (await code()) === '000000' ? '000001' : '000000';
    for (let index = 0; index < 5; index++) expect((await signIn(wrong)).statusCode).toBe(401);
    expect((await signIn(await code())).statusCode).toBe(429);
  });

  it('should be turned off with password and code only', async () => {
    const { post, signIn, code } = await buildEnabled();
    const disable = (proof: object) => post(`${base}/disable`, { current_password: testPassword, ...proof });
    expect((await disable({})).json().code).toBe('second_factor_required');
    expect((await disable({ current_password: 'wrong', otp: await code() })).statusCode).toBe(401);
    expect((await disable({ otp: await code() })).statusCode).toBe(204);
    expect((await signIn()).statusCode).toBe(200);
  });

  it('should not be touched by an API key or without the password', async () => {
    const test = await buildTestApp();
    const { user, headers } = await buildUser(test);
    const { key } = await test.accounts.apiKeys.create({ userId: user.id, role: 'user', name: 'cli' });
    const post = (by: Record<string, string>, password: string) =>
      test.app.inject({ method: 'POST', url: base, payload: { current_password: password }, headers: by });
    expect((await post({ authorization: `Bearer ${key}` }, testPassword)).statusCode).toBe(403);
    expect((await post({}, testPassword)).statusCode).toBe(401);
    expect((await post(headers, 'wrong')).statusCode).toBe(401);
    expect((await post(headers, testPassword)).statusCode).toBe(201);
  });

  it('should survive two rotations of the key when each was followed by a start', async () => {
    const test = await buildEnabled();
    const { database, clock } = test;
    const randomBytes = createTestBytes('rotation');
    const [a, b, c] = [symmetricKey('6f1d'.repeat(16)), symmetricKey('b'), symmetricKey('c')] as const;
    const start = (keys: Parameters<typeof createSealer>[0]['keys']) =>
      createSecondFactor({
        database,
        sealer: createSealer({ keys, randomBytes }),
        now: clock.now,
        randomBytes,
      });
    const otp = await test.code();
    expect(await start([b, a]).resealAll()).toBe(1);
    expect(await start([b, a]).resealAll()).toBe(0);
    expect(await start([c, b]).resealAll()).toBe(1);
    await expect(start([c, b]).check(test.owner.user.id, otp)).resolves.toBeUndefined();
  });
});
