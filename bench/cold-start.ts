import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { median, type Report } from './measurement.ts';
import { prepareSample, readMemory, startServer, withFolder } from './start-server.ts';

const STARTS = 9;
const SETTLED_MS = 5_000;
const START_BUDGET_MS = 500;
const MEMORY_BUDGET_MB = 120;
const bareFastify = fileURLToPath(new URL('./bare-fastify.ts', import.meta.url));

/** Time from the start of a process until it is ready and healthy, and what it holds when idle, with the sample. */
export async function benchColdStart(report: Report): Promise<void> {
  await withFolder(async (folder) => {
    await prepareSample(folder);
    const ready: number[] = [];
    const healthy: number[] = [];
    const empty: number[] = [];
    const bare: number[] = [];
    for (let start = 0; start < STARTS; start += 1) {
      const server = await startServer({ folder });
      ready.push(server.readyMs);
      healthy.push(server.healthyMs);
      await server.whenLoaded;
      await server.close();
      empty.push(await timeEmptyProcess());
      bare.push(await timeBareFastify());
    }
    report({
      name: 'cold start to ready, sample loaded',
      ours: median(ready),
      unit: 'ms',
      baseline: { value: median(bare), name: 'bare Fastify' },
      budget: { limit: START_BUDGET_MS },
      note: `median of ${STARTS}`,
    });
    report({
      name: 'cold start to first 200 of /health',
      ours: median(healthy),
      unit: 'ms',
      baseline: { value: median(empty), name: 'empty Node process' },
      budget: { limit: START_BUDGET_MS },
      note: `median of ${STARTS}`,
    });
    await reportIdleMemory(folder, report);
  });
}

async function reportIdleMemory(folder: string, report: Report): Promise<void> {
  const server = await startServer({ folder });
  const idle = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 100_000)'], { stdio: 'ignore' });
  try {
    await server.whenLoaded;
    await delay(SETTLED_MS);
    const ours = readMemory(server.pid);
    const nothing = readMemory(idle.pid ?? 0);
    if (!ours || !nothing) return;
    report({
      name: 'idle memory, resident, sample loaded',
      ours: ours.residentMb,
      unit: 'MB',
      baseline: { value: nothing.residentMb, name: 'empty Node process' },
      budget: { limit: MEMORY_BUDGET_MB },
      note: `${SETTLED_MS / 1_000} s after the start`,
    });
    report({
      name: 'idle memory, anonymous (without the mapped Node binary)',
      ours: ours.anonymousMb,
      unit: 'MB',
      baseline: { value: nothing.anonymousMb, name: 'empty Node process' },
    });
  } finally {
    idle.kill();
    await server.close();
  }
}

async function timeEmptyProcess(): Promise<number> {
  const start = performance.now();
  await once(spawn(process.execPath, ['--eval', ''], { stdio: 'ignore' }), 'exit');
  return performance.now() - start;
}

async function timeBareFastify(): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, [bareFastify], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  await once(createInterface({ input: child.stdout }), 'line');
  const took = performance.now() - start;
  child.kill();
  await exited;
  return took;
}
