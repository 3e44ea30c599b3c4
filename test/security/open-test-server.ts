import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { buildApp, type BuildOptions } from '../../src/server/app.ts';
import { loadConfig } from '../../src/server/config.ts';
import { openDatabase } from '../../src/server/database/open-database.ts';
import type { Role } from '../../src/server/database/tables.ts';
import { createLogger } from '../../src/server/http/create-logger.ts';
import { testPassword } from '../factories.ts';

export type TestServer = Awaited<ReturnType<typeof openTestServer>>;

/** Who a test asks as: nobody has no credentials and no row. */
export type TestRole = 'nobody' | Role;

export const testRoles: readonly TestRole[] = ['nobody', 'guest', 'user', 'curator', 'admin'];

/**
 * The app as it is served, with every feature, on a folder of its own. Limits are out of the way unless `env` sets
 * them. The caller closes it.
 * @param options.env settings by the names of their environment variables
 */
export async function openTestServer(
  options: { env?: Record<string, string>; overrides?: NonNullable<BuildOptions['overrides']> } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'wwhd-whole-'));
  const env = {
    APP_ENV: 'test',
    DATA_DIR: folder,
    JWT_SECRET: '6f1d'.repeat(16),
    RATE_LIMIT_PER_MINUTE: '1000000',
    GUEST_RATE_LIMIT_PER_MINUTE: '100000',
    ALLOW_GUESTS: 'true',
    SEED_SAMPLE: 'false',
    ...options.env,
  };
  const config = loadConfig({ env, baseFolder: folder });
  const logLines: string[] = [];
  const logger = createLogger({
    level: 'trace',
    isPretty: false,
    destination: { write: (line) => void logLines.push(line) },
  });
  const overrides = options.overrides ?? {};
  const now = overrides.now ?? (() => new Date());
  const wwhd = await buildApp({ config, logger, isServer: true, overrides });
  const { database, close } = await openDatabase({ path: config.data.databasePath, isServer: false, now });

  /** Someone of a role with a session; each call opens another session of the same person while it exists. */
  async function signIn(role: TestRole, name = 'one'): Promise<{ userId: number | null; headers: Headers }> {
    if (role === 'nobody') return { userId: null, headers: {} };
    if (role === 'guest') {
      const { user, accessToken } = await wwhd.accounts.sessions.openGuest('test');
      return { userId: user.id, headers: { authorization: `Bearer ${accessToken}` } };
    }
    const username = `${role}-${name}`;
    const input = { username, email: `${username}@example.org`, password: testPassword, role };
    const known = await wwhd.accounts.users.getUser(username).catch(() => undefined);
    const user = known ?? (await wwhd.accounts.users.createUser(input));
    const { accessToken } = await wwhd.accounts.sessions.open(user, 'test');
    return { userId: user.id, headers: { authorization: `Bearer ${accessToken}` } };
  }

  return {
    ...wwhd,
    database,
    config,
    folder,
    logLines,
    signIn,
    async close() {
      await close();
      await wwhd.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Headers = { authorization?: string };
