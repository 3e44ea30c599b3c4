import { describe, expect, it } from 'vitest';

import { buildTestApp } from '../../../test/build-app.ts';
import { buildUser, cookieHeaders, testPassword } from '../../../test/factories.ts';
import type { App } from './http-app.ts';
import { createLogger } from './create-logger.ts';

function collect(): { lines: string[]; logger: ReturnType<typeof createLogger> } {
  const lines: string[] = [];
  const logger = createLogger({
    level: 'trace',
    isPretty: false,
    destination: { write: (line) => void lines.push(line) },
  });
  return { lines, logger };
}

describe('createLogger', () => {
  it('should write JSON lines without the fields that hold secrets or texts', () => {
    const { lines, logger } = collect();
    const secrets = { password: 'canary', token: 'canary', refresh_token: 'canary', content: 'canary' };
    logger.info(
      { ...secrets, body: secrets, deep: { headers: { authorization: 'canary', 'set-cookie': 'canary' } } },
      'x',
    );
    logger.info({ req: { url: '/setup?token=canary', headers: { cookie: 'canary' } } }, 'y');
    expect(lines.join('')).not.toContain('canary');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      msg: 'x',
      body: { password: '[removed]' },
    });
  });

  it('should keep what explains an error and drop what hangs on it', () => {
    const { lines, logger } = collect();
    const error = Object.assign(new Error('outer', { cause: new TypeError('inner') }), {
      code: 'E1',
      request: { headers: { authorization: 'canary' } },
    });
    logger.error({ err: error }, 'failed');
    expect(lines.join('')).not.toContain('canary');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      err: { type: 'Error', message: 'outer', code: 'E1', cause: { type: 'TypeError', message: 'inner' } },
    });
  });

  it('should show nothing secret of real requests', async () => {
    const register = (app: App) => app.post('/api/v1/chat', async () => ({}));
    const test = await buildTestApp({ register });
    const { session, headers } = await buildUser(test);
    const question = 'canary-question';
    const { app, logLines } = test;
    await app.inject({
      method: 'POST',
      url: '/api/v1/chat?q=canary-query',
      payload: { content: question },
      headers,
    });
    await app.inject({ method: 'POST', url: '/api/v1/chat', payload: `{"content":"${question}`, headers });
    await app.inject({ url: '/api/v1/setup?token=canary-query' });
    await app.inject({ url: '/canary-path?token=canary-query', headers: cookieHeaders(session) });
    const login = { username: session.user.username, password: testPassword };
    await app.inject({ method: 'POST', url: '/api/v1/auth/token', payload: login });
    await app.inject({
      method: 'POST',
      url: '/api/v1/auth/token',
      payload: { ...login, password: 'canary-password' },
    });
    const log = logLines.join('');
    expect(logLines.length).toBeGreaterThanOrEqual(6);
    for (const secret of ['canary', testPassword, session.accessToken, session.refreshToken]) {
      expect(log).not.toContain(secret);
    }
    expect(log).toContain('"route":"/api/v1/chat"');
  });
});
