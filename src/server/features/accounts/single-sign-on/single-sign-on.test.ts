import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { buildTestApp, createTestClock, type TestApp } from '../../../../../test/build-app.ts';
import { buildChat, buildGuest, buildUser, cookieHeaders } from '../../../../../test/factories.ts';
import { startIdentityProvider, type TestPerson } from '../../../../../test/start-identity-provider.ts';
import { mapRole } from './map-role.ts';

const publicUrl = 'http://wwhd.test';
const start = '/api/v1/auth/oidc/start';
const ada = {
  sub: 'ada-at-provider',
  email: 'Ada@example.org',
  email_verified: true,
  preferred_username: 'ada',
};
let provider: Awaited<ReturnType<typeof startIdentityProvider>>;

beforeAll(async () => {
  provider = await startIdentityProvider({ redirectUri: `${publicUrl}/api/v1/auth/oidc/callback` });
});
afterAll(() => provider.close());

/** The clock of the provider is that of the machine, and ID tokens are checked against it. */
function buildWithProvider(env: Record<string, string> = {}): Promise<TestApp> {
  return buildTestApp({
    clock: createTestClock(new Date().toISOString()),
    env: {
      PUBLIC_URL: publicUrl,
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: provider.clientId,
      OIDC_CLIENT_SECRET: provider.clientSecret,
      OIDC_ROLE_CLAIM: 'groups',
      OIDC_ADMIN_VALUES: 'heads, chiefs',
      OIDC_CURATOR_VALUES: 'librarians',
      ...env,
    },
  });
}

async function begin(test: TestApp, cookie = '') {
  const response = await test.app.inject({ url: start, headers: { cookie } });
  const flow = response.cookies.find(({ name }) => name === 'wwhd_sign_on');
  return { response, flow, cookie: `wwhd_sign_on=${flow?.value ?? ''}` };
}

/** The whole way of a browser: here, to the provider, and back. */
async function signOn(test: TestApp, person: TestPerson | undefined, guestCookie = '') {
  provider.person.current = person;
  const { response, cookie } = await begin(test);
  const back = await provider.browse(response.headers.location ?? '');
  const url = back.slice(publicUrl.length);
  const done = await test.app.inject({ url, headers: { cookie: `${cookie}; ${guestCookie}` } });
  const session = done.cookies.find(({ name }) => name === 'wwhd_session')?.value ?? '';
  const me = await test.app.inject({ url: '/api/v1/me', headers: { cookie: `wwhd_session=${session}` } });
  return { done, url, cookie, me };
}

describe('single sign-on', () => {
  it('should make an account without a password, and find it again by its subject', async () => {
    const test = await buildWithProvider();
    const { done, me } = await signOn(test, ada);
    expect([done.statusCode, done.headers.location]).toEqual([302, '/app']);
    expect(me.json()).toMatchObject({
      username: 'ada',
      email: 'ada@example.org',
      email_verified: true,
      role: 'user',
    });
    const again = await signOn(test, { ...ada, email: 'moved@example.org', preferred_username: 'renamed' });
    expect(again.me.json()).toMatchObject({ id: me.json().id, email: 'ada@example.org' });
    expect((await test.accounts.users.findUser(me.json().id))?.passwordHash).toBeNull();
  });

  it('should link an account by an address that both sides have confirmed, and by no other', async () => {
    const test = await buildWithProvider();
    const { user } = await buildUser(test, { username: 'local', email: ada.email });
    expect((await signOn(test, ada)).me.json()).toMatchObject({ id: user.id, username: 'local' });
    const other = await buildWithProvider();
    const victim = await buildUser(other, { username: 'local', email: ada.email });
    const unproved = await signOn(other, { ...ada, email_verified: false });
    expect(unproved.me.json()).toMatchObject({ username: 'ada', email: null });
    expect(unproved.me.json().id).not.toBe(victim.user.id);
  });

  it('should not link an account that has not confirmed the address', async () => {
    const test = await buildWithProvider();
    const { user } = await buildUser(test, { username: 'squatter', email: ada.email });
    await test.database
      .updateTable('users')
      .set({ emailVerifiedAt: null })
      .where('id', '=', user.id)
      .execute();
    const { done, me } = await signOn(test, ada);
    expect([done.statusCode, me.statusCode]).toEqual([409, 401]);
    expect(await test.database.selectFrom('externalIdentities').selectAll().execute()).toEqual([]);
  });

  it('should follow the groups of the provider at each sign-in, but keep the last admin', async () => {
    const test = await buildWithProvider();
    const roleOf = async (groups: unknown) =>
      (await signOn(test, { ...ada, groups })).me.json().role as string;
    expect(await roleOf(['librarians'])).toBe('curator');
    expect(await roleOf(['others', 'chiefs'])).toBe('admin');
    expect(await roleOf([])).toBe('admin');
    await buildUser(test, { role: 'admin' });
    expect(await roleOf([])).toBe('user');
  });

  it('should leave roles alone when no claim is named', async () => {
    const test = await buildWithProvider({ OIDC_ROLE_CLAIM: '' });
    await buildUser(test, { email: ada.email, role: 'curator' });
    expect((await signOn(test, { ...ada, groups: ['heads'] })).me.json().role).toBe('curator');
  });

  it('should not let a disabled account in', async () => {
    const test = await buildWithProvider();
    const { user } = await buildUser(test, { email: ada.email });
    await test.accounts.users.setUserActive(user.username, false);
    const { done, me } = await signOn(test, ada);
    expect([done.statusCode, me.statusCode]).toEqual([403, 401]);
  });

  it('should choose another name when one is taken', async () => {
    const test = await buildWithProvider();
    await buildUser(test, { username: 'Ada', email: 'elsewhere@example.org' });
    expect((await signOn(test, ada)).me.json().username).toBe('ada-2');
  });

  it('should keep the chats of the guest who signs in', async () => {
    const test = await buildWithProvider();
    const guest = await buildGuest(test);
    await buildChat(test, guest.user.id);
    const { me } = await signOn(test, ada, cookieHeaders(guest.session).cookie);
    const chats = await test.database.selectFrom('chats').select('userId').execute();
    expect(chats).toEqual([{ userId: me.json().id }]);
  });
});

describe('the way to the provider and back', () => {
  it('should use PKCE, state and nonce, and a cookie that scripts cannot read', async () => {
    const { response, flow } = await begin(await buildWithProvider());
    const { searchParams } = new URL(response.headers.location ?? '');
    expect(searchParams.get('code_challenge_method')).toBe('S256');
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(searchParams.get(name)?.length).toBeGreaterThan(20);
      expect(flow?.value).not.toContain(searchParams.get(name));
    }
    expect(flow).toMatchObject({ httpOnly: true, sameSite: 'Lax', maxAge: 600, path: '/api/v1/auth/oidc' });
  });

  it('should refuse who did not begin here, began elsewhere, comes twice, late or with another state', async () => {
    const test = await buildWithProvider();
    const get = async (url: string, cookie: string) =>
      (await test.app.inject({ url, headers: { cookie } })).statusCode;
    const { url, cookie } = await signOn(test, ada);
    expect(await get(url, cookie)).toBe(401);
    provider.person.current = ada;
    const fresh = async () => {
      const { response, cookie: own } = await begin(test);
      const back = await provider.browse(response.headers.location ?? '');
      return { url: back.slice(publicUrl.length), cookie: own };
    };
    const [one, two] = [await fresh(), await fresh()];
    expect(await get(one.url, '')).toBe(401);
    expect(await get(one.url, two.cookie)).toBe(401);
    expect(await get(one.url, 'wwhd_sign_on=v1.x.y')).toBe(401);
    expect(await get(one.url.replace(/state=[^&]+/, 'state=forged'), one.cookie)).toBe(401);
    test.clock.advance(600_000);
    expect(await get(two.url, two.cookie)).toBe(401);
  });

  it('should say so when the person says no', async () => {
    const { done } = await signOn(await buildWithProvider(), undefined);
    expect([done.statusCode, done.json().code]).toEqual([401, 'invalid_token']);
  });

  it('should answer 503 while the provider is away, and 404 without one', async () => {
    const away = await buildWithProvider({ OIDC_ISSUER: 'http://127.0.0.1:1' });
    expect((await begin(away)).response.statusCode).toBe(503);
    const without = await buildTestApp();
    expect((await begin(without)).response.statusCode).toBe(404);
    expect((await without.app.inject({ url: '/api/v1/auth/oidc/callback' })).statusCode).toBe(404);
  });
});

describe('mapRole', () => {
  const rules = { adminValues: ['a'], curatorValues: ['c'] };

  it.each([
    ['groups', { groups: ['c', 'a'] }, 'admin'],
    ['groups', { groups: 'c' }, 'curator'],
    ['realm_access.roles', { realm_access: { roles: ['a'] } }, 'admin'],
    ['https://x.org/roles', { 'https://x.org/roles': ['c'] }, 'curator'],
    ['groups', {}, 'user'],
    ['groups.deep', { groups: null }, 'user'],
    ['__proto__', {}, 'user'],
    [undefined, { groups: ['a'] }, undefined],
  ])('should read %s of %o as %s', (claim, claims, expected) => {
    expect(mapRole(claims, { ...rules, claim })).toBe(expected);
  });
});
