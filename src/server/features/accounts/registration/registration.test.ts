import { describe, expect, it } from 'vitest';

import { buildTestApp, type TestApp } from '../../../../../test/build-app.ts';
import { buildUser, testPassword } from '../../../../../test/factories.ts';

const registration = { username: 'ada', email: 'ada@example.org', password: testPassword };
const auth = '/api/v1/auth';

async function post(
  test: TestApp,
  path: string,
  ...[payload, headers = {}]: [payload: object, headers?: Record<string, string>]
) {
  const response = await test.app.inject({ method: 'POST', url: path, payload, headers });
  await test.accounts.mailer.whenSent();
  return response;
}

const signIn = (test: TestApp, password = testPassword, username = 'ada') =>
  post(test, `${auth}/token`, { username, password });

function tokenIn(test: TestApp, position = -1): string {
  return /#token=([\w-]{43})/.exec(test.mails.at(position)?.text ?? '')?.[1] ?? 'no token';
}

async function buildAdmin(env: Record<string, string>) {
  const test = await buildTestApp({ env });
  const admin = await buildUser(test, { role: 'admin' });
  const invite = async (payload: object = {}) =>
    (await post(test, '/api/v1/admin/invitations', payload, admin.headers)).json() as {
      id: number;
      token: string;
    };
  return { test, admin, invite };
}

describe('registration by invitation', () => {
  it('should ask for an invitation, and take each once, with its role', async () => {
    const { test, admin, invite } = await buildAdmin({ REGISTRATION: 'invite' });
    const without = await post(test, `${auth}/register`, registration);
    expect([without.statusCode, without.json().code]).toEqual([403, 'invitation_required']);
    const { token: invitation } = await invite({ role: 'curator' });
    const made = await post(test, `${auth}/register`, { ...registration, invitation });
    expect([made.statusCode, made.json().role]).toEqual([201, 'curator']);
    const again = { username: 'bob', email: 'bob@example.org', password: testPassword, invitation };
    expect((await post(test, `${auth}/register`, again)).json().errors[0].path).toBe('invitation');
    const list = await test.app.inject({ url: '/api/v1/admin/invitations', headers: admin.headers });
    expect(list.json().invitations).toMatchObject([{ role: 'curator', used_by: made.json().id }]);
    expect(list.body).not.toContain(invitation);
    expect(JSON.stringify(await test.database.selectFrom('invitations').selectAll().execute())).not.toContain(
      invitation,
    );
  });

  it('should give one account to parallel uses', async () => {
    const { test, invite } = await buildAdmin({ REGISTRATION: 'invite' });
    const { token: invitation } = await invite();
    const answers = await Promise.all(
      ['one', 'two', 'three'].map((username) =>
        post(test, `${auth}/register`, {
          username,
          email: `${username}@example.org`,
          password: testPassword,
          invitation,
        }),
      ),
    );
    expect(answers.map((answer) => answer.statusCode).toSorted((a, b) => a - b)).toEqual([201, 422, 422]);
  });

  it('should stay unused after a mistake, and end by time, withdrawal and for other addresses', async () => {
    const { test, admin, invite } = await buildAdmin({ REGISTRATION: 'invite' });
    const bound = await invite({ email: 'Ada@Example.org', expires_in_days: 1 });
    expect(test.mails.at(-1)).toMatchObject({ to: 'ada@example.org' });
    expect(tokenIn(test)).toBe(bound.token);
    const attempt = (change: object) =>
      post(test, `${auth}/register`, { ...registration, invitation: bound.token, ...change });
    expect((await attempt({ email: 'eve@example.org' })).statusCode).toBe(422);
    expect((await attempt({ username: admin.user.username })).statusCode).toBe(409);
    test.clock.advance(86_400_000);
    expect((await attempt({})).statusCode).toBe(422);
    admin.headers = (await buildUser(test, { role: 'admin' })).headers;
    const withdrawn = await invite();
    const remove = () =>
      test.app.inject({
        method: 'DELETE',
        url: `/api/v1/admin/invitations/${withdrawn.id}`,
        headers: admin.headers,
      });
    expect((await remove()).statusCode).toBe(204);
    expect((await remove()).statusCode).toBe(404);
    expect((await attempt({ invitation: withdrawn.token })).statusCode).toBe(422);
  });

  it('should help nobody while registration is closed', async () => {
    const { test, invite } = await buildAdmin({ REGISTRATION: 'closed' });
    const { token: invitation } = await invite();
    const response = await post(test, `${auth}/register`, { ...registration, invitation });
    expect(response.json().code).toBe('registration_closed');
  });

  it('should be for admins alone', async () => {
    const test = await buildTestApp();
    const curator = await buildUser(test, { role: 'curator' });
    const url = '/api/v1/admin/invitations';
    expect((await test.app.inject({ url })).statusCode).toBe(401);
    expect((await test.app.inject({ url, headers: curator.headers })).statusCode).toBe(403);
    const admin = await buildUser(test, { role: 'admin' });
    expect((await post(test, url, { role: 'guest' }, admin.headers)).statusCode).toBe(422);
    expect((await post(test, url, { expires_in_days: 91 }, admin.headers)).statusCode).toBe(422);
  });
});

describe('registration with confirmed addresses', () => {
  const env = { REQUIRE_VERIFIED_EMAIL: 'true' };

  it('should let an account in only after its address is confirmed', async () => {
    const test = await buildTestApp({ env });
    const response = await post(test, `${auth}/register`, registration);
    expect([response.statusCode, response.json().status]).toEqual([202, 'accepted']);
    expect((await signIn(test)).json().code).toBe('email_unverified');
    expect((await signIn(test, 'wrong password')).json().code).toBe('invalid_credentials');
    const token = tokenIn(test);
    expect((await post(test, `${auth}/verify`, { token })).statusCode).toBe(204);
    expect((await signIn(test)).statusCode).toBe(200);
    expect((await post(test, `${auth}/verify`, { token })).statusCode).toBe(422);
  });

  it('should answer the same when name or address is taken, and tell only the mailbox', async () => {
    const test = await buildTestApp({ env });
    await buildUser(test, registration);
    const fresh = await post(test, `${auth}/register`, {
      ...registration,
      username: 'new',
      email: 'new@example.org',
    });
    const sameMail = await post(test, `${auth}/register`, { ...registration, username: 'other' });
    const sameName = await post(test, `${auth}/register`, { ...registration, email: 'other@example.org' });
    for (const answer of [sameMail, sameName]) {
      expect([answer.statusCode, answer.body]).toEqual([fresh.statusCode, fresh.body]);
    }
    expect(test.mails.map(({ to, subject }) => [to, subject])).toEqual([
      ['new@example.org', 'WWHD: confirm your address'],
      ['ada@example.org', 'WWHD: you already have an account'],
      ['other@example.org', 'WWHD: choose another name'],
    ]);
    expect(await test.accounts.users.listUsers()).toHaveLength(2);
  });

  it('should end a link after a day', async () => {
    const test = await buildTestApp({ env });
    await post(test, `${auth}/register`, registration);
    test.clock.advance(86_400_000);
    expect((await post(test, `${auth}/verify`, { token: tokenIn(test) })).statusCode).toBe(422);
  });
});

describe('a forgotten password', () => {
  it('should be replaced once by the mailed link, ending all sessions', async () => {
    const test = await buildTestApp();
    const { headers } = await buildUser(test, registration);
    await post(test, `${auth}/forgot`, { email: 'ADA@example.org' });
    const token = tokenIn(test);
    const reset = (password: string) => post(test, `${auth}/reset`, { token, password });
    expect((await reset('password123')).statusCode).toBe(422);
    expect((await reset('a new password')).statusCode).toBe(204);
    expect((await reset('another password')).statusCode).toBe(422);
    expect((await test.app.inject({ url: '/api/v1/me', headers })).statusCode).toBe(401);
    expect((await signIn(test)).statusCode).toBe(401);
    expect((await signIn(test, 'a new password')).statusCode).toBe(200);
    const stored = JSON.stringify(await test.database.selectFrom('mailTokens').selectAll().execute());
    expect(stored).not.toContain(token);
  });

  it('should not tell whether an address has an account', async () => {
    const test = await buildTestApp();
    await buildUser(test, registration);
    const known = await post(test, `${auth}/forgot`, { email: registration.email });
    const unknown = await post(test, `${auth}/forgot`, { email: 'nobody@example.org' });
    expect([unknown.statusCode, unknown.body]).toEqual([202, known.body]);
    expect(test.mails.map((mail) => mail.to)).toEqual([registration.email]);
  });

  it('should answer before it looks the address up', async () => {
    const test = await buildTestApp();
    await buildUser(test, registration);
    test.accounts.proofs.forgot(registration.email);
    expect(test.mails).toEqual([]);
    await test.accounts.mailer.whenSent();
    expect(test.mails).toHaveLength(1);
  });

  it('should end a link after an hour and by a newer one, and send three an hour', async () => {
    const test = await buildTestApp();
    await buildUser(test, registration);
    for (let count = 0; count < 5; count++) await post(test, `${auth}/forgot`, { email: registration.email });
    expect(test.mails).toHaveLength(3);
    const password = 'a new password';
    expect((await post(test, `${auth}/reset`, { token: tokenIn(test, 0), password })).statusCode).toBe(422);
    test.clock.advance(3_600_000);
    expect((await post(test, `${auth}/reset`, { token: tokenIn(test), password })).statusCode).toBe(422);
    await post(test, `${auth}/forgot`, { email: registration.email });
    expect((await post(test, `${auth}/reset`, { token: tokenIn(test), password })).statusCode).toBe(204);
  });

  it('should not take a link made for something else', async () => {
    const test = await buildTestApp();
    await post(test, `${auth}/register`, registration);
    const response = await post(test, `${auth}/reset`, { token: tokenIn(test), password: 'a new password' });
    expect(response.statusCode).toBe(422);
  });

  it('should answer 403 where no mail is sent', async () => {
    const test = await buildTestApp({ env: { MAIL: 'off' } });
    expect((await post(test, `${auth}/forgot`, { email: 'a@example.org' })).statusCode).toBe(403);
  });
});

describe('changing the address', () => {
  const patch = (test: TestApp, headers: object, payload: object) =>
    test.app
      .inject({ method: 'PATCH', url: '/api/v1/me', payload, headers: { ...headers } })
      .then(async (response) => (await test.accounts.mailer.whenSent(), response));

  it('should need the password and the link, and end the other sessions', async () => {
    const test = await buildTestApp();
    const { user, headers } = await buildUser(test, registration);
    const other = await test.accounts.sessions.open(user, 'other');
    const change = { email: 'new@example.org', current_password: testPassword };
    expect((await patch(test, headers, { email: change.email })).statusCode).toBe(422);
    expect((await patch(test, headers, { ...change, current_password: 'wrong' })).statusCode).toBe(422);
    expect((await patch(test, headers, change)).json().email).toBe(registration.email);
    const token = tokenIn(test);
    await post(test, `${auth}/verify`, { token }, headers);
    const me = await test.app.inject({ url: '/api/v1/me', headers });
    expect(me.json()).toMatchObject({ email: change.email, email_verified: true });
    const ended = { authorization: `Bearer ${other.accessToken}` };
    expect((await test.app.inject({ url: '/api/v1/me', headers: ended })).statusCode).toBe(401);
    expect(test.mails.at(-1)).toMatchObject({
      to: registration.email,
      subject: 'WWHD: your address was changed',
    });
  });

  it('should not tell that an address is taken, nor take it', async () => {
    const test = await buildTestApp();
    const owner = await buildUser(test, registration);
    const { headers } = await buildUser(test);
    const change = { email: registration.email, current_password: testPassword };
    expect((await patch(test, headers, change)).statusCode).toBe(200);
    expect(test.mails).toEqual([]);
    expect(await test.accounts.users.findUser(owner.user.id)).toMatchObject({ email: registration.email });
  });

  it('should happen at once where no mail is sent, unconfirmed', async () => {
    const test = await buildTestApp({ env: { MAIL: 'off' } });
    const { user, headers } = await buildUser(test, registration);
    const other = await test.accounts.sessions.open(user, 'other');
    const response = await patch(test, headers, { email: 'new@example.org', current_password: testPassword });
    expect(response.json()).toMatchObject({ email: 'new@example.org', email_verified: false });
    const ended = { authorization: `Bearer ${other.accessToken}` };
    expect((await test.app.inject({ url: '/api/v1/me', headers: ended })).statusCode).toBe(401);
    expect((await test.app.inject({ url: '/api/v1/me', headers })).statusCode).toBe(200);
  });
});
