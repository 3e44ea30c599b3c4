import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ModelServer, startModelServer } from '../model-server/start-model-server.ts';
import { findFaults } from './check-data.ts';
import { endsOf, messageOfReading, readConnection, startReading, textOfReading } from './follow-turn.ts';
import { type PreparedData, prepareData, textOf } from './prepare-data.ts';
import { findFreePort, startServer } from './start-server.ts';

const question = { content: 'How do beginners begin to meditate?' };
const mountPoint = mkdtempSync(join(tmpdir(), 'wwhd-full-disk-'));
const run = (command: string, args: string[]) => spawnSync(command, args).status === 0;
const isMounted = run('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', mountPoint]);
if (!isMounted) process.stdout.write('full disk: skipped, a tmpfs cannot be mounted here (needs root)\n');

let data: PreparedData;
let model: ModelServer;
let settings: Record<string, string>;

beforeAll(async () => {
  data = await prepareData();
  model = await startModelServer();
  await model.control({ pace: { tokenMs: 20 } });
  settings = { OPENAI_BASE_URL: model.baseUrl, OPENAI_API_KEY: 'sk-test' };
});
afterAll(async () => {
  await model.close();
  data.remove();
  if (isMounted) run('umount', [mountPoint]);
  rmSync(mountPoint, { recursive: true, force: true });
});

const ballast = join(mountPoint, 'ballast');

/** Fills what is left of the disk, to the last byte that a file can take. */
function fillDisk(): void {
  for (let size = 1_048_576, part = 0; size >= 1; size = Math.floor(size / 2), part += 1) {
    try {
      for (;;) writeFileSync(`${ballast}-${part}`, Buffer.alloc(size), { flag: 'a' });
    } catch {
      // Full for writes of this size; smaller ones may still fit.
    }
  }
}

function freeDisk(): void {
  for (let part = 0; part <= 21; part += 1) rmSync(`${ballast}-${part}`, { force: true });
}

async function prepareFolder(): Promise<string> {
  const dataFolder = join(mountPoint, 'data');
  rmSync(dataFolder, { recursive: true, force: true });
  mkdirSync(dataFolder);
  cpSync(data.copy('disk'), dataFolder, { recursive: true });
  return dataFolder;
}

describe.skipIf(!isMounted)('a full disk', () => {
  it('should refuse what cannot be kept, lose nothing that was acknowledged, and recover by itself', async () => {
    const dataFolder = await prepareFolder();
    const server = await startServer({ dataFolder, port: await findFreePort(), settings });
    const target = { address: server.address, token: data.token, question };
    const headers = { authorization: `Bearer ${data.token}` };
    const list = async () =>
      ((await (await fetch(`${server.address}/api/v1/documents/`, { headers })).json()) as unknown[]).length;

    // A turn that is under way when the disk fills keeps its words and gets its end when there is space again.
    const reading = startReading();
    const progress = { events: 0 };
    const turn = readConnection(reading, {
      ...target,
      onEvent: () => {
        progress.events += 1;
        if (progress.events === 3) fillDisk();
      },
    });
    while (progress.events < 3) await delay(10);
    const refused = await fetch(`${server.address}/api/v1/chat/chat`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(question),
    });
    expect(refused.status).toBe(503);
    expect(await refused.text()).toMatch(/disk.*full/i);
    const form = new FormData();
    form.append('namespace', 'meditation');
    form.append('title', 'Lesson 9');
    form.append('file', new Blob([textOf(9)]), 'lesson-9.md');
    const upload = await fetch(`${server.address}/api/v1/documents/upload`, {
      method: 'POST',
      headers,
      body: form,
    });
    expect(upload.status).toBe(503);
    expect(await list()).toBe(data.documentIds.length);
    expect((await fetch(`${server.address}/health`)).ok).toBe(true);

    freeDisk();
    await turn;
    expect(endsOf(reading)).toHaveLength(1);
    expect(endsOf(reading)[0]?.data.type).toBe('done');
    expect(messageOfReading(reading).content).toBe(textOfReading(reading));
    const again = startReading();
    expect(await readConnection(again, target)).toBe(true);
    await server.kill('SIGTERM');
    expect(await findFaults(dataFolder)).toEqual([]);
  });

  it('should say so in one line when a server is started on it', async () => {
    const dataFolder = await prepareFolder();
    fillDisk();
    const server = await startServer({ dataFolder, port: await findFreePort(), settings });
    const { code } = await server.ended;
    freeDisk();
    expect(code).toBe(1);
    expect(server.log()).toMatch(/full|space/);
  });
});

describe('a database that another program holds', () => {
  it('should answer 503 after the busy timeout, go on streaming, and recover', async () => {
    const dataFolder = data.copy('locked');
    const server = await startServer({ dataFolder, port: await findFreePort(), settings });
    const target = { address: server.address, token: data.token, question };
    const reading = startReading();
    const progress = { events: 0 };
    const turn = readConnection(reading, { ...target, onEvent: () => (progress.events += 1) });
    while (progress.events < 3) await delay(10);
    const other = new DatabaseSync(join(dataFolder, 'app.db'));
    other.exec('begin immediate');
    const before = progress.events;
    const refused = await fetch(`${server.address}/api/v1/chat/chat`, {
      method: 'POST',
      headers: { authorization: `Bearer ${data.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(question),
    });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).not.toBeNull();
    expect(await refused.text()).toMatch(/Another program/);
    // The words of the running answer went on while the other request waited.
    expect(progress.events).toBeGreaterThan(before);
    other.exec('rollback');
    other.close();
    expect(await turn).toBe(true);
    expect(endsOf(reading)[0]?.data.type).toBe('done');
    await server.kill('SIGTERM');
    expect(await findFaults(dataFolder)).toEqual([]);
  });
});
