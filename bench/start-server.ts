import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import type { LoopDelay } from './watch-event-loop.ts';

export type RunningServer = {
  /** `http://127.0.0.1:<port>`. */
  origin: string;
  pid: number;
  /** From the start of the process until it said that it is ready, and until /health answered 200. */
  readyMs: number;
  healthyMs: number;
  /** Resolves when the sample knowledge is searchable. */
  whenLoaded: Promise<void>;
  /** Forgets the delays of the event loop until now. */
  forgetDelays: () => void;
  readDelays: () => Promise<LoopDelay>;
  close: () => Promise<void>;
};

export const adminAccount = { email: 'bench@example.org', password: 'a-bench-of-oak-1987' };

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'dist', 'cli.js');
/** As scripts/toolchain.mjs starts the program. */
const programFlags = ['--max-semi-space-size=4'];
const watcher = new URL('./watch-event-loop.ts', import.meta.url).href;
const TICKS_PER_SECOND = 100;

/**
 * Starts the built server as its users do, on a free loopback port, in a process of its own.
 * @param options.folder its data and working folder
 * @param options.environment settings above those that lift the rate limits; nothing of this process's is passed on
 * @param options.isWatched loads the event-loop monitor, which costs a few milliseconds of the start
 * @throws with what it wrote when it ends before it is ready
 */
export async function startServer(options: {
  folder: string;
  environment?: Record<string, string>;
  isWatched?: boolean;
}): Promise<RunningServer> {
  const { folder, environment = {}, isWatched = false } = options;
  const start = performance.now();
  const child = spawn(
    process.execPath,
    [...programFlags, ...(isWatched ? ['--import', watcher] : []), cli, 'serve'],
    {
      cwd: folder,
      env: {
        PATH: process.env['PATH'] ?? '',
        APP_ENV: 'development',
        DATA_DIR: folder,
        HOST: '127.0.0.1',
        PORT: '0',
        LOG_LEVEL: 'error',
        ADMIN_EMAIL: adminAccount.email,
        ADMIN_PASSWORD: adminAccount.password,
        RATE_LIMIT_PER_MINUTE: '1000000',
        GUEST_RATE_LIMIT_PER_MINUTE: '1000000',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe', ...(isWatched ? (['ipc'] as const) : [])],
    },
  );
  const exited = once(child, 'exit');
  const killNow = () => void child.kill('SIGKILL');
  process.prependOnceListener('exit', killNow);
  const { lineOf, complaint } = watchOutput(child);
  const failed = exited.then(() => {
    throw new Error(`The server ended before it was ready: ${complaint()}`);
  });
  const whenLoaded = lineOf(/^sample: \d+ documents ready/);
  const address = await Promise.race([lineOf(/^WWHD is ready at/), failed]);
  failed.catch(() => undefined);
  const readyMs = performance.now() - start;
  const origin = `http://127.0.0.1:${address.split(':').at(-1)}`;
  const health = await fetch(`${origin}/health`);
  const healthyMs = performance.now() - start;
  if (health.status !== 200) throw new Error(`/health answered ${health.status}.`);
  await health.body?.cancel();
  return {
    origin,
    pid: child.pid ?? 0,
    readyMs,
    healthyMs,
    whenLoaded: whenLoaded.then(() => undefined),
    forgetDelays: () => void child.send('forget'),
    async readDelays() {
      child.send('read');
      const [delays] = (await once(child, 'message')) as [LoopDelay];
      return delays;
    },
    async close() {
      child.kill('SIGTERM');
      await exited;
      process.removeListener('exit', killNow);
    },
  };
}

function watchOutput(child: ChildProcess) {
  let written = '';
  const waiting: { pattern: RegExp; resolve: (line: string) => void }[] = [];
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      written += `${line}\n`;
      for (const { pattern, resolve } of waiting) if (pattern.test(line)) resolve(line);
    });
  }
  child.stderr?.on('data', (part: Buffer) => (written += part.toString()));
  const lineOf = (pattern: RegExp) => new Promise<string>((resolve) => waiting.push({ pattern, resolve }));
  return { lineOf, complaint: () => written };
}

/** Runs something with a folder of its own, which is removed afterwards, also when the process is interrupted. */
export async function withFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'wwhd-bench-'));
  const removeNow = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeNow);
  try {
    return await work(folder);
  } finally {
    process.removeListener('exit', removeNow);
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Starts a server on a folder of its own, waits for the sample knowledge, and stops it when the work is over.
 * @param options.prepare fills the folder before the start
 */
export async function withServer<Result>(
  options: {
    environment?: Record<string, string>;
    isWatched?: boolean;
    prepare?: (folder: string) => Promise<void>;
  },
  work: (server: RunningServer) => Promise<Result>,
): Promise<Result> {
  const { prepare, ...rest } = options;
  return withFolder(async (folder) => {
    await prepare?.(folder);
    const server = await startServer({ folder, ...rest });
    try {
      await server.whenLoaded;
      return await work(server);
    } finally {
      await server.close();
    }
  });
}

/** Leaves the sample knowledge and an admin in a data folder, with no server running on it. */
export async function prepareSample(folder: string): Promise<void> {
  const server = await startServer({ folder });
  await server.whenLoaded;
  await server.close();
}

/** Resident and anonymous memory of a process in megabytes (10^6), from Linux's /proc; undefined elsewhere. */
export function readMemory(pid: number): { residentMb: number; anonymousMb: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const megabytes = (name: string) =>
      (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) * 1_024) / 1e6;
    return { residentMb: megabytes('VmRSS'), anonymousMb: megabytes('RssAnon') };
  } catch {
    return undefined;
  }
}

/** Processor time that a process has used with all its threads, in seconds; undefined where there is no /proc. */
export function readProcessorSeconds(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}
