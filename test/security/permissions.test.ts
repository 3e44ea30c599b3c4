import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Access, permissions } from '../../src/server/http/permissions.ts';
import { openTestServer, type TestRole, testRoles, type TestServer } from './open-test-server.ts';
import { buildChat } from '../factories.ts';
import { addressOf, type DescribedRoute, listRoutes } from './list-routes.ts';

const RANK: Record<TestRole, number> = { nobody: 0, guest: 0, user: 1, curator: 2, admin: 3 };
const NEEDED: Partial<Record<Access, number>> = { user: 1, curator: 2, admin: 3 };
/** Ids that nothing has, so that a request which is let in changes nothing. */
const ABSENT: Record<string, string> = { id: '987654321', name: 'no-such-shelf', number: '1', token: 'none' };

let server: TestServer;
let routes: DescribedRoute[];

beforeAll(async () => {
  server = await openTestServer();
  routes = await listRoutes(server);
});
afterAll(async () => server.close());

async function ask(route: DescribedRoute, headers: Record<string, string>, values = ABSENT) {
  const isWrite = route.method !== 'GET';
  return server.app.inject({
    method: route.method,
    url: addressOf(route, values),
    headers: { ...headers, ...(isWrite ? { 'content-type': 'application/json' } : {}) },
    ...(isWrite ? { payload: '{}' } : {}),
  });
}

/** A route as the permission table writes it. */
function keyOf(route: DescribedRoute): string {
  return `${route.method} ${route.path.replaceAll(/\{(\w+)\}/g, ':$1').replace(/\/$/, '')}`;
}

/** 401 for who could sign in, 403 for who has signed in and may not; undefined where the door is open. */
function refusalOf(access: Access, role: TestRole): 401 | 403 | undefined {
  if (access === 'anyone' || access === 'guest') return undefined;
  if (access === 'owner') return role === 'nobody' ? 401 : undefined;
  if (RANK[role] >= (NEEDED[access] ?? 0)) return undefined;
  return RANK[role] === 0 ? 401 : 403;
}

describe('every route for every role', () => {
  it.each(testRoles)(
    'should let %s through where the permission table says so, and nowhere else',
    async (role) => {
      const wrong: string[] = [];
      for (const route of routes) {
        // The credential proves nothing there; what these answer 401 and 403 to is the body.
        if (route.access === 'anyone') continue;
        // Each request has a person of its own where it could end the person or the session.
        const { headers } = await server.signIn(
          role,
          route.method === 'DELETE' && route.path.endsWith('/me') ? 'gone' : 'one',
        );
        const response = await ask(route, headers);
        const expected = refusalOf(route.access, role);
        const { statusCode } = response;
        const isRefused = statusCode === 401 || (statusCode === 403 && !response.body.includes('csrf'));
        if (expected === undefined ? isRefused : statusCode !== expected)
          wrong.push(`${route.method} ${route.path}: ${statusCode}, not ${expected ?? 'let in'}`);
        if (statusCode >= 500) wrong.push(`${route.method} ${route.path}: ${statusCode}`);
      }
      expect(wrong).toEqual([]);
    },
  );

  it('should describe every route of the table that is registered under /api', () => {
    const described = new Set(routes.map((route) => keyOf(route)));
    const registered = Object.keys(permissions).filter((key) => {
      const [method = '', url = ''] = key.split(' ');
      const isThere = (path: string) => server.app.hasRoute({ method, url: path });
      return url.startsWith('/api/v1/') && (isThere(url) || isThere(`${url}/`));
    });
    expect(registered.length).toBeGreaterThan(40);
    expect(registered.filter((key) => !described.has(key))).toEqual([]);
  });
});

describe("another person's objects", () => {
  /** Addresses of things that have one owner, and the id of the victim's one. */
  async function victimsThings(): Promise<[prefix: RegExp, id: string][]> {
    const victim = await server.signIn('user', 'victim');
    const asked = await server.app.inject({
      method: 'POST',
      url: '/api/v1/chat/chat',
      headers: victim.headers,
      payload: { content: 'How do I brew tea?' },
    });
    const { id: answerId, chat_id: chatId } = asked.json<{ id: number; chat_id: number }>();
    const key = await server.app.inject({
      method: 'POST',
      url: '/api/v1/auth/api-keys',
      headers: victim.headers,
      payload: { name: 'mine' },
    });
    const memories = { url: '/api/v1/memories', headers: victim.headers };
    await server.app.inject({
      ...memories,
      url: '/api/v1/memories/settings',
      method: 'PUT',
      payload: { persona: 'herman', enabled: true },
    });
    const memory = await server.app.inject({
      ...memories,
      method: 'POST',
      payload: { persona: 'herman', text: 'Drinks tea in the morning.' },
    });
    const sessions = await server.app.inject({ url: '/api/v1/auth/sessions', headers: victim.headers });
    return [
      [/^\/api\/v1\/(chat\/)?chats\/\{id\}/, String(chatId)],
      [/^\/api\/v1\/chat\/(turns|messages)\/\{id\}/, String(answerId)],
      [
        /^\/api\/v1\/auth\/sessions\/\{id\}/,
        sessions.json<{ sessions: { id: string }[] }>().sessions[0]?.id ?? '',
      ],
      [/^\/api\/v1\/memories\/\{id\}/, String(memory.json<{ id: number }>().id)],
      [/^\/api\/v1\/auth\/api-keys\/\{id\}/, String(key.json<{ id: number }>().id)],
    ];
  }

  it.each(['guest', 'user', 'curator', 'admin'] as const)('should not exist for a %s', async (role) => {
    const things = await victimsThings();
    const owned = routes.filter((route) => /\{id\}/.test(route.path) && /^(owner|user)$/.test(route.access));
    expect(owned.length).toBeGreaterThan(10);
    for (const route of owned) {
      const id = things.find(([prefix]) => prefix.test(route.path))?.[1];
      expect(id, `say whose thing ${route.path} is`).toBeDefined();
      const { headers } = await server.signIn(role, 'thief');
      const payload = {
        content: 'Mine now',
        title: 'Mine now',
        text: 'Mine now',
        rating: 'up',
        pinned: true,
      };
      const response = await server.app.inject({
        method: route.method,
        url: addressOf(route, { id: id ?? '' }),
        headers,
        ...(route.method === 'GET' ? {} : { payload }),
      });
      const isCurators = route.path.endsWith('/receipt') && (role === 'curator' || role === 'admin');
      const isForUsers = role === 'guest' && route.access === 'user';
      const expected = isCurators ? 200 : isForUsers ? 401 : 404;
      expect(response.statusCode, `${route.method} ${route.path}`).toBe(expected);
    }
  });

  it('should not be written into through a field of a question', async () => {
    const { headers } = await server.signIn('user', 'thief');
    const victim = await server.signIn('user', 'victim');
    const clock = { now: () => new Date(), advance: () => {} };
    const chatId = await buildChat({ database: server.database, clock }, victim.userId ?? 0);
    const ask = { method: 'POST', url: '/api/v1/chat/chat', headers } as const;
    const content = 'What did they say?';
    expect((await server.app.inject({ ...ask, payload: { content, chat_id: chatId } })).statusCode).toBe(404);
    const own = await server.app.inject({ ...ask, payload: { content: 'How do I brew tea?' } });
    const { chat_id } = own.json<{ chat_id: number }>();
    const theirs = await server.app.inject({ ...ask, headers: victim.headers, payload: { content } });
    const { id } = theirs.json<{ id: number }>();
    const stolen = await server.app.inject({ ...ask, payload: { content, chat_id, parent_id: id } });
    expect(stolen.statusCode).toBe(404);
  });
});
