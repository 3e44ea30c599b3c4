import { describe, expect, it } from 'vitest';

import { buildTestApp } from '../../../test/build-app.ts';
import { findAllowedMethods } from './find-allowed-methods.ts';
import { accessOf, permissions } from './permissions.ts';

describe('the permission table', () => {
  it('should stop the start for a route that it does not have', async () => {
    const building = buildTestApp({ register: (app) => app.get('/api/v1/forgotten', async () => 'open') });
    await expect(building).rejects.toThrow('"GET /api/v1/forgotten" has no entry');
  });

  it('should not be set by a route itself', async () => {
    const { app } = await buildTestApp({
      register: (app) => app.get('/api/v1/admin/stats', { config: { access: 'anyone' } }, async () => 'open'),
    });
    expect((await app.inject({ url: '/api/v1/admin/stats' })).statusCode).toBe(401);
  });

  it('should treat HEAD as GET and ignore a trailing slash', () => {
    expect(accessOf({ method: 'HEAD', url: '/api/v1/jobs/' })).toBe(permissions['GET /api/v1/jobs']);
    expect(() => accessOf({ method: 'PUT', url: '/api/v1/jobs' })).toThrow(/permissions\.ts/);
  });

  it('should leave nothing that writes open to anyone but signing in and set-up', () => {
    const open = Object.entries(permissions).filter(
      ([key, access]) => access === 'anyone' && !/^(GET|OPTIONS) /.test(key),
    );
    for (const [key] of open) expect(key).toMatch(/^POST \/api\/v1\/(auth\/\w+|setup)$/);
  });
});

describe('findAllowedMethods', () => {
  const patterns = [
    { segments: ['api', 'chats', ':id'], methods: ['GET', 'HEAD'] },
    { segments: ['api', 'chats', ':id'], methods: ['DELETE'] },
    { segments: ['app', '*'], methods: ['GET'] },
    { segments: ['*'], methods: ['GET'] },
  ];

  it.each([
    ['/api/chats/5/', ['DELETE', 'GET', 'HEAD']],
    ['/api/chats', []],
    ['/app/a/b', ['GET']],
    ['/elsewhere', []],
  ])('should find for %s the methods %o', (path, expected) => {
    expect(findAllowedMethods({ patterns, path })).toEqual(expected);
  });
});
