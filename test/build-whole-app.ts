import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { InjectOptions } from 'fastify';
import { onTestFinished } from 'vitest';

import { buildApp, type BuildOptions, type WwhdApp } from '../src/server/app.ts';
import { loadConfig } from '../src/server/config.ts';
import type { Role } from '../src/server/database/tables.ts';
import { createLogger } from '../src/server/http/create-logger.ts';

/** Two small personas: `tester`, open to guests, with the namespaces tea and bells, and `keeper` with vault. */
export const testPacksFolder = join(import.meta.dirname, 'fixtures', 'packs');

export type WholeAppOptions = {
  overrides?: BuildOptions['overrides'];
  /** Settings by the names of their environment variables. */
  env?: Record<string, string>;
  /** Loads the pack's documents before the app is handed over. */
  withSample?: boolean;
  /** A data folder that the caller keeps; by default one that goes with the app. */
  folder?: string;
};

export type WholeApp = Awaited<ReturnType<typeof openWholeApp>>;

/**
 * The server as `serve` builds it, without a socket, on a SQLite file of its own. Closing is the caller's work.
 * @returns the app, and `as(role)`: a function that sends requests with the token of a user of that role
 */
export async function openWholeApp(options: WholeAppOptions = {}) {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'wwhd-whole-'));
  const config = loadConfig({
    env: {
      APP_ENV: 'test',
      DATA_DIR: folder,
      JWT_SECRET: '6f1d'.repeat(16),
      PERSONAS_DIR: testPacksFolder,
      DEFAULT_PERSONA: 'tester',
      RATE_LIMIT_PER_MINUTE: '100000',
      GUEST_RATE_LIMIT_PER_MINUTE: '100000',
      ...options.env,
    },
    baseFolder: folder,
  });
  const wwhd = await buildApp({
    config,
    logger: createLogger({ level: 'silent', isPretty: false }),
    isServer: true,
    overrides: options.overrides ?? {},
  });
  if (options.withSample) {
    await wwhd.loadSample();
    await wwhd.whenIngested();
  }
  let isClosed = false;
  return {
    app: wwhd.app,
    wwhd,
    folder,
    as: createSenders(wwhd),
    async close(graceMs = 0) {
      if (isClosed) return;
      isClosed = true;
      await wwhd.close(graceMs);
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The same, closed when the test is over. */
export async function buildWholeApp(options: WholeAppOptions = {}): Promise<WholeApp> {
  const whole = await openWholeApp(options);
  onTestFinished(() => whole.close());
  return whole;
}

type Request = Omit<InjectOptions, 'headers'> & { headers?: Record<string, string> };

function createSenders(wwhd: WwhdApp) {
  const tokens = new Map<string, Promise<string>>();
  const openToken = async (role: Role, name: string) => {
    const { users, sessions } = wwhd.accounts;
    if (role === 'guest') return (await sessions.openGuest('test')).accessToken;
    const user = await users.createUser({
      username: name,
      email: `${name}@example.org`,
      password: 'TestPass123!',
      role,
    });
    return (await sessions.open(user, 'test')).accessToken;
  };
  return (role: Role, name = `${role}-1`) => {
    const send = async (request: Request) => {
      const token = tokens.get(name) ?? openToken(role, name);
      tokens.set(name, token);
      return wwhd.app.inject({
        ...request,
        headers: { authorization: `Bearer ${await token}`, ...request.headers },
      });
    };
    return {
      send,
      get: (url: string, headers: Record<string, string> = {}) => send({ method: 'GET', url, headers }),
      post: (url: string, payload?: object, headers: Record<string, string> = {}) =>
        send({ method: 'POST', url, headers, ...(payload ? { payload } : {}) }),
      put: (url: string, payload: object) => send({ method: 'PUT', url, payload }),
      patch: (url: string, payload: object) => send({ method: 'PATCH', url, payload }),
      delete: (url: string) => send({ method: 'DELETE', url }),
      token: async () => {
        const token = tokens.get(name) ?? openToken(role, name);
        tokens.set(name, token);
        return token;
      },
    };
  };
}

/** Listens on a free port of the loopback address. @returns the address */
export async function listenOnLoopback(whole: WholeApp): Promise<string> {
  await whole.app.listen({ host: '127.0.0.1', port: 0 });
  return `http://127.0.0.1:${(whole.app.server.address() as AddressInfo).port}`;
}
