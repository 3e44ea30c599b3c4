import { randomBytes } from 'node:crypto';

import { type WwhdApp, buildApp } from '../server/app.ts';
import type { Config } from '../server/config.ts';
import { AppError } from '../server/errors.ts';
import { createLogger } from '../server/http/create-logger.ts';
import { createApiClient } from '../shared/api-client.ts';
import type { CommandContext } from './command-context.ts';
import type { Connection } from './connection.ts';
import { createInjectFetch } from './create-inject-fetch.ts';

const LOCAL_USER = { username: 'local', email: 'local@wwhd.invalid' };
/** The limits protect a server from its users; here there is one, and it is the owner. */
const UNLIMITED_PER_MINUTE = 1_000_000;

/**
 * A client of an app in this process, which does not listen: the database of the configuration, the sample knowledge
 * when it is wanted and not there yet, and a user named "local" without a password that anyone knows.
 * @throws AppError `unavailable` when a server holds the data, PackError
 */
export async function openLocal(context: CommandContext, config: Config): Promise<Connection> {
  const { terminal } = context;
  const wwhd = await buildApp({
    config: { ...config, limits: { ...config.limits, userPerMinute: UNLIMITED_PER_MINUTE } },
    logger: createLogger({ level: 'silent', isPretty: false }),
    isServer: true,
  });
  try {
    if (config.personas.seedSample) {
      terminal.progress('Preparing the sample knowledge ...');
      if ((await wwhd.loadSample()) > 0) await wwhd.whenIngested();
      terminal.progress('');
    }
    const { accessToken, refreshToken } = await signInLocalUser(wwhd);
    const address = 'http://localhost';
    const client = createApiClient({
      baseUrl: address,
      token: accessToken,
      fetch: createInjectFetch(wwhd.app),
    });
    const close = async () => {
      await wwhd.accounts.sessions.endByToken(refreshToken);
      await wwhd.close();
    };
    return { client, address, close };
  } catch (error) {
    await wwhd.close();
    throw error;
  }
}

async function signInLocalUser({ accounts }: WwhdApp) {
  const user = await accounts.users.getUser(LOCAL_USER.username).catch((error: unknown) => {
    if (!(error instanceof AppError) || error.code !== 'not_found') throw error;
    return accounts.users.createUser({ ...LOCAL_USER, password: randomBytes(32).toString('base64url') });
  });
  return accounts.sessions.open(user, 'wwhd command line');
}
