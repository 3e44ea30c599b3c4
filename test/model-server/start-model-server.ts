import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import type { FaultName } from './faults.ts';

export type ModelServer = {
  /** What `OPENAI_BASE_URL` would be. */
  baseUrl: string;
  /** Sets faults, answers and pace of the next requests, and forgets the recorded ones. */
  control: (settings: {
    faults?: FaultName[];
    replies?: string[];
    pace?: { firstTokenMs?: number; tokenMs?: number };
  }) => Promise<void>;
  /** The requests since the last `control`, in order. */
  requests: () => Promise<{ path: string; body: Record<string, unknown> }[]>;
  close: () => Promise<void>;
};

/**
 * Starts the model server as a process of its own on a free loopback port.
 * @throws when it ends before it listens, with what it wrote to stderr
 */
export async function startModelServer(): Promise<ModelServer> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), '--with-parent'], {
    env: { ...process.env, PORT: '0' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (part: Buffer) => (complaint += part.toString()));
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const listening = once(lines, 'line') as Promise<[string]>;
  const failed = exited.then(() => {
    throw new Error(`The model server ended before it listened: ${complaint}`);
  });
  const [line] = await Promise.race([listening, failed]);
  failed.catch(() => undefined);
  const origin = `http://127.0.0.1:${line.split(' ').at(-1)}`;
  return {
    baseUrl: `${origin}/v1`,
    async control(settings) {
      await fetch(`${origin}/control`, { method: 'POST', body: JSON.stringify(settings) });
    },
    async requests() {
      const response = await fetch(`${origin}/control`);
      return ((await response.json()) as { requests: { path: string; body: Record<string, unknown> }[] })
        .requests;
    },
    async close() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
