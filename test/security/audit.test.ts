import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { auditedRoutes } from '../../src/server/features/audit/audited-routes.ts';
import { permissions } from '../../src/server/http/permissions.ts';
import type { AuditPage } from '../../src/shared/audit.ts';
import { testPassword } from '../factories.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

/** Writes that are not recorded, because what someone asks and how they organise it is theirs. */
const UNRECORDED =
  /^POST \/api\/v1\/(auth\/(refresh|guest)|chat(\/chat|\/stream)?|chats|chat\/chats|documents\/search)$|chat\/(turns|messages)|^(PATCH|DELETE) \/api\/v1\/(chat\/)?chats\/:id$|unanswered\/:id\/(reask|dismiss)$|memories|second-factor$/;

let server: TestServer;
let admin: Record<string, string>;

beforeAll(async () => {
  server = await openTestServer();
  admin = (await server.signIn('admin')).headers;
});
afterAll(async () => server.close());

const newest = async (limit = 1) =>
  (await server.app.inject({ url: `/api/v1/admin/audit?limit=${limit}`, headers: admin })).json<AuditPage>()
    .entries;

describe('what the audit log records', () => {
  it('should be decided for every route that changes something', () => {
    const undecided = Object.keys(permissions).filter(
      (key) => /^(POST|PUT|PATCH|DELETE) /.test(key) && !(key in auditedRoutes) && !UNRECORDED.test(key),
    );
    expect(undecided).toEqual([]);
  });

  it('should hold sign-ins and failed ones, with the network and no name', async () => {
    const { userId } = await server.signIn('user', 'seen');
    const signIn = (password: string) =>
      server.app.inject({
        method: 'POST',
        url: '/api/v1/auth/token',
        remoteAddress: '203.0.113.77',
        payload: { username: 'user-seen', password },
      });
    expect((await signIn('wrong password')).statusCode).toBe(401);
    expect(await newest()).toMatchObject([
      { action: 'sign-in', outcome: 'refused', user_id: null, address: '203.0.113.0/24' },
    ]);
    expect((await signIn(testPassword)).statusCode).toBe(200);
    const [entry] = await newest();
    expect(entry).toMatchObject({ action: 'sign-in', outcome: 'done', user_id: userId });
    expect(JSON.stringify(await newest(200))).not.toMatch(/user-seen|example\.org|203\.0\.113\.77/);
  });

  it('should name what was added, changed and deleted, and who was refused', async () => {
    const curator = await server.signIn('curator');
    const added = await server.app.inject({
      method: 'POST',
      url: '/api/v1/documents/',
      headers: curator.headers,
      payload: { namespace: 'general', title: 'Tea', content: 'Warm the pot before you brew tea in it.' },
    });
    const { id } = added.json<{ id: number }>();
    const change = { url: `/api/v1/documents/${id}`, headers: curator.headers };
    await server.app.inject({ ...change, method: 'DELETE', query: { dry_run: 'true' } });
    const user = await server.signIn('user');
    await server.app.inject({ ...change, method: 'DELETE', headers: user.headers });
    await server.app.inject({ ...change, method: 'DELETE' });
    const object = { object_type: 'document', object_id: String(id) };
    expect(await newest(3)).toMatchObject([
      { action: 'document-delete', outcome: 'done', user_id: curator.userId, ...object },
      { action: 'document-delete', outcome: 'refused', user_id: user.userId, ...object },
      { action: 'document-add', outcome: 'done', user_id: curator.userId, ...object },
    ]);
  });

  it('should tell a change of role from a disabled account', async () => {
    const { userId } = await server.signIn('user', 'changed');
    const patch = (payload: object) =>
      server.app.inject({ method: 'PATCH', url: `/api/v1/admin/users/${userId}`, headers: admin, payload });
    await patch({ role: 'curator' });
    await patch({ is_active: false });
    expect(await newest(2)).toMatchObject([
      { action: 'account-disable', object_id: String(userId) },
      { action: 'role-change', object_id: String(userId) },
    ]);
  });

  it('should hold a registration with the id of the new user', async () => {
    const response = await server.app.inject({
      method: 'POST',
      url: '/api/v1/auth/register',
      payload: { username: 'newcomer', email: 'newcomer@example.org', password: testPassword },
    });
    const { id } = response.json<{ id: number }>();
    expect(await newest()).toMatchObject([{ action: 'register', outcome: 'done', user_id: id }]);
  });

  it('should be read by admins alone', async () => {
    const { headers } = await server.signIn('curator');
    expect((await server.app.inject({ url: '/api/v1/admin/audit', headers })).statusCode).toBe(403);
  });
});
