import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Access, accessOf } from '../../src/server/http/permissions.ts';
import type { Role } from '../../src/server/database/tables.ts';
import { openWholeApp, type WholeApp } from '../build-whole-app.ts';

type Operation = { requestBody?: unknown; parameters?: { in: string; name: string }[] };
type OpenApi = { openapi: string; paths: Record<string, Record<string, Operation>> };
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

const roles: Role[] = ['guest', 'user', 'curator', 'admin'];
const rank: Record<Role, number> = { guest: 0, user: 1, curator: 2, admin: 3 };
/** Calls that would take the caller's own standing away in the middle of the matrix. */
const endsSession = /\/auth\/(logout|me|sessions)$|\/api\/v1\/me$/;

let whole: WholeApp;
let routes: { method: Method; path: string; access: Access }[];

beforeAll(async () => {
  whole = await openWholeApp({ withSample: true });
  const { paths } = (await whole.app.inject('/openapi.json')).json<OpenApi>();
  routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((name) => {
      const method = name.toUpperCase() as Method;
      const pattern = path.replaceAll(/\{(\w+)\}/g, ':$1');
      return { method, path, access: accessOf({ method, url: pattern }) };
    }),
  );
});
afterAll(() => whole.close());

/** An address that passes validation and means nothing that exists. */
const addressOf = (path: string) => path.replaceAll(/\{(\w+)\}/g, '987654');

const allows = (access: Access, role: Role) =>
  access === 'anyone' || access === 'guest' || access === 'owner' || rank[role] >= rank[access];

describe('every route of /openapi.json', () => {
  it('should be there', () => {
    expect(routes.length).toBeGreaterThan(60);
  });

  it.each(roles)(
    'should let a %s in, or not, as the table of permissions says, and never fail',
    async (role) => {
      const wrong: unknown[] = [];
      for (const { method, path, access } of routes) {
        const isRead = method === 'GET';
        const keeps = !(method === 'DELETE' || method === 'POST') || !endsSession.test(path);
        // Each ending call gets a caller of its own.
        const name = keeps ? `${role}-matrix` : `${role}-${routes.findIndex((route) => route.path === path)}`;
        const url = addressOf(path);
        const { statusCode } = await whole
          .as(role, name)
          .send({ method, url, ...(isRead || method === 'DELETE' ? {} : { payload: {} }) });
        const isRefused = statusCode === 403 || (statusCode === 401 && access !== 'anyone');
        const expected = allows(access, role);
        const isClosedToGuest = role === 'guest' && !expected && statusCode !== 401;
        if (statusCode >= 500 || isClosedToGuest || isRefused === expected)
          wrong.push({ method, path, access, statusCode });
      }
      expect(wrong).toEqual([]);
    },
  );

  it('should ask a stranger to sign in where more than a guest is needed', async () => {
    const wrong: unknown[] = [];
    for (const { method, path, access } of routes) {
      if (access === 'anyone' || access === 'guest') continue;
      const { statusCode, headers } = await whole.app.inject({ method, url: addressOf(path) });
      if (statusCode !== 401 || headers['www-authenticate'] === undefined)
        wrong.push({ method, path, access, statusCode });
    }
    expect(wrong).toEqual([]);
  });

  it('should refuse a forged token wherever one is needed', async () => {
    const wrong: unknown[] = [];
    for (const { method, path, access } of routes) {
      if (access === 'anyone') continue;
      const { statusCode } = await whole.app.inject({
        method,
        url: addressOf(path),
        headers: { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.' },
      });
      if (statusCode !== 401) wrong.push({ method, path, access, statusCode });
    }
    expect(wrong).toEqual([]);
  });
});
