import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach } from 'vitest';

import { type Config, loadConfig } from '../src/server/config.ts';
import { openDatabase } from '../src/server/database/open-database.ts';
import { registerAccounts } from '../src/server/features/accounts/accounts-routes.ts';
import { createAccounts } from '../src/server/features/accounts/create-accounts.ts';
import { createCookies, createHttpApp } from '../src/server/http/create-http-app.ts';
import { createLogger } from '../src/server/http/create-logger.ts';
import type { App } from '../src/server/http/http-app.ts';
import { createMailer, type Mail } from '../src/server/mail/create-mailer.ts';

export type TestClock = { now: () => Date; advance: (milliseconds: number) => void };
export type TestApp = Awaited<ReturnType<typeof buildTestApp>>;

const openApps = new Set<() => Promise<void>>();

afterEach(async () => {
  for (const close of openApps) await close();
  openApps.clear();
});

/** A clock that stands still until it is moved. */
export function createTestClock(start = '2026-03-01T12:00:00.000Z'): TestClock {
  let time = Date.parse(start);
  return {
    now: () => new Date(time),
    advance: (milliseconds) => {
      time += milliseconds;
    },
  };
}

/** Bytes that look random, differ from call to call and are the same in each run. */
export function createTestBytes(seed = 'test'): (sizeBytes: number) => Uint8Array {
  let count = 0;
  return (sizeBytes) => createHash('sha512').update(`${seed} ${count++}`).digest().subarray(0, sizeBytes);
}

/**
 * The HTTP app with accounts on a SQLite file of its own, closed and removed after the test. Limits are out of the
 * way unless `env` sets them.
 * @param options.env settings by the names of their environment variables; MAIL=off is a server that sends none
 * @param options.register adds routes before the app is ready
 */
export async function buildTestApp(
  options: {
    env?: Record<string, string>;
    register?: (app: App) => void;
    clock?: TestClock;
  } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'wwhd-app-'));
  const clock = options.clock ?? createTestClock();
  const config: Config = loadConfig({
    env: {
      APP_ENV: 'test',
      DATA_DIR: folder,
      JWT_SECRET: '6f1d'.repeat(16),
      RATE_LIMIT_PER_MINUTE: '10000',
      GUEST_RATE_LIMIT_PER_MINUTE: '10000',
      ...options.env,
    },
    baseFolder: folder,
  });
  const logLines: string[] = [];
  const logger = createLogger({
    level: 'trace',
    isPretty: false,
    destination: { write: (line) => void logLines.push(line) },
  });
  const opened = await openDatabase({ path: config.data.databasePath, isServer: true, now: clock.now });
  const { database } = opened;
  const mails: Mail[] = [];
  const isMailOn = options.env?.['MAIL'] !== 'off';
  const mailer = createMailer({
    send: isMailOn ? async (mail) => void mails.push(mail) : undefined,
    logger,
  });
  const accounts = createAccounts({
    database,
    config,
    now: clock.now,
    randomBytes: createTestBytes(),
    mailer,
    purgeDeleted: opened.purgeDeleted,
  });
  const app = await createHttpApp({ config, logger, identities: accounts.identities, version: '0.0.0-test' });
  registerAccounts(app, { accounts, cookies: createCookies(config), config });
  options.register?.(app);
  await app.ready();
  openApps.add(async () => {
    await app.close();
    await mailer.whenSent();
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { app, accounts, database, config, clock, folder, logLines, mails };
}
