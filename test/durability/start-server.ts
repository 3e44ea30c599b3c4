import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const root = join(import.meta.dirname, '..', '..');

export type ServerProcess = {
  address: string;
  pid: number;
  /** Resolves with how the process ended. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Ends the process and waits for it. */
  kill: (signal: NodeJS.Signals) => Promise<void>;
  /** What the server wrote to its log so far. */
  log: () => string;
};

/** Settings of every server under test; the secret stays the same, so that tokens survive a restart. */
export const serverSettings = {
  APP_ENV: 'test',
  JWT_SECRET: '6f1d'.repeat(16),
  SEED_SAMPLE: 'false',
  RATE_LIMIT_PER_MINUTE: '100000',
  GUEST_RATE_LIMIT_PER_MINUTE: '100000',
  MAX_CONCURRENT_TURNS: '2000',
  TURNS_PER_USER: '2000',
  LOG_LEVEL: 'error',
};

/**
 * Starts the server as a process of its own, from source, on a data folder. Resolves when it listens, or when it died
 * on the way, which `ended` tells.
 */
export async function startServer(options: {
  dataFolder: string;
  port: number;
  settings?: Record<string, string>;
}): Promise<ServerProcess> {
  const { dataFolder, port, settings = {} } = options;
  const child = spawn(process.execPath, [join(root, 'src', 'cli', 'main.ts'), 'serve'], {
    cwd: dataFolder,
    env: {
      PATH: process.env['PATH'],
      ...serverSettings,
      DATA_DIR: dataFolder,
      PORT: String(port),
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  const keep = (part: Buffer) => (log = (log + part.toString()).slice(-20_000));
  child.stderr.on('data', keep);
  child.stdout.on('data', keep);
  const ended = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('WWHD is ready')) resolve();
  });
  await Promise.race([listening, ended]);
  return {
    address: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    ended,
    kill: async (signal) => {
      child.kill(signal);
      await ended;
    },
    log: () => log,
  };
}

/** A port of the loopback address that nobody listens on at this moment. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
