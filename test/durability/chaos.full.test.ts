import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ApiClient, createApiClient } from '../../src/shared/api-client.ts';
import { type ModelServer, startModelServer } from '../model-server/start-model-server.ts';
import { findFaults } from './check-data.ts';
import { createRandom } from './create-random.ts';
import { endsOf, readConnection, startReading, textOfReading } from './follow-turn.ts';
import { type PreparedData, prepareData, textOf } from './prepare-data.ts';
import { findFreePort, type ServerProcess, startServer } from './start-server.ts';

const seconds = Number(process.env['WWHD_CHAOS_SECONDS'] ?? 30);
const seed = Number(process.env['WWHD_SEED'] ?? Date.now() % 1_000_000);
let data: PreparedData;
let model: ModelServer;

beforeAll(async () => {
  data = await prepareData();
  model = await startModelServer();
  await model.control({ pace: { tokenMs: 5 } });
});
afterAll(async () => {
  await model.close();
  data.remove();
});

/** What clients were told, to be found again after the last restart. */
type Told = { questions: Map<string, string>; added: Set<number>; removed: Set<number>; faults: string[] };

async function askPersistently(name: string, address: string, told: Told): Promise<void> {
  const reading = startReading();
  const question = { content: `How do beginners begin to meditate, asked as ${name}?` };
  const target = { address, token: data.token, question, idempotencyKey: name };
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const isEnded = await readConnection(reading, target).catch((error: unknown) => {
      if (!/^(429|503)/.test(String((error as Error).message))) throw error;
      return false;
    });
    if (isEnded) break;
    await delay(50);
  }
  const [end, ...more] = endsOf(reading);
  if (!end || more.length > 0) told.faults.push(`${name} saw ${more.length + (end ? 1 : 0)} ends`);
  const final = (end?.data.type === 'done' ? end.data['message'] : end?.data['answer']) as {
    content: string;
  };
  const text = textOfReading(reading);
  if (end && (end.data.type === 'done' ? text !== final.content : !text.startsWith(final.content)))
    told.faults.push(`${name} was told another text than the stored one`);
  if (final) told.questions.set(question.content, final.content);
}

/** Does it until the server has said yes; the same content twice is one document. */
async function persist<Result>(action: () => Promise<Result>): Promise<Result> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await action();
    } catch (error) {
      if (attempt > 600) throw error;
      await delay(50);
    }
  }
}

async function uploadPersistently(number: number, client: ApiClient, told: Told): Promise<void> {
  const file = { name: `lesson-${number}.md`, bytes: new Blob([textOf(number)]) };
  const fields = { namespace: 'meditation', title: `Lesson ${number}` };
  const added = await persist(() => client.uploadDocument(file, fields));
  told.added.add(added.id);
  if (number % 3 !== 0) return;
  // From here on it may be gone, whether or not the answer arrives.
  told.added.delete(added.id);
  await persist(async () => {
    await client.removeDocument(added.id).catch((error: unknown) => {
      if ((error as { status?: number }).status !== 404) throw error;
    });
  });
  told.removed.add(added.id);
}

describe('a server that is killed again and again under load', () => {
  it(`should keep what it acknowledged (${seconds} s, seed ${seed})`, async () => {
    process.stdout.write(`chaos: seed ${seed}, ${seconds} s; repeat with WWHD_SEED=${seed}\n`);
    const random = createRandom(seed);
    const dataFolder = data.copy('chaos');
    const port = await findFreePort();
    const address = `http://127.0.0.1:${port}`;
    const settings = { OPENAI_BASE_URL: model.baseUrl, OPENAI_API_KEY: 'sk-test' };
    const client = createApiClient({ baseUrl: address, token: data.token, timeoutMs: 5_000 });
    const told: Told = { questions: new Map(), added: new Set(), removed: new Set(), faults: [] };
    const deadline = Date.now() + seconds * 1_000;
    let kills = 0;
    let count = 10;
    const work = async (name: string) => {
      while (Date.now() < deadline) {
        count += 1;
        if (random() < 0.6) await askPersistently(`${name}-${count}`, address, told);
        else await uploadPersistently(count, client, told);
      }
    };
    let server: ServerProcess = await startServer({ dataFolder, port, settings });
    const workers = Promise.all(['a', 'b', 'c', 'd'].map(work));
    while (Date.now() < deadline) {
      await delay(300 + random() * 2_700);
      await server.kill('SIGKILL');
      kills += 1;
      server = await startServer({ dataFolder, port, settings });
    }
    await workers;
    while ((await client.listJobs({ limit: 1_000 })).some((job) => job.ended_at === null)) await delay(50);
    const { documents } = await client.listDocuments({ limit: 1_000 });
    const ids = new Set(documents.map((document) => document.id));
    for (const id of told.added) if (!ids.has(id)) told.faults.push(`document ${id} was lost`);
    for (const id of told.removed) if (ids.has(id)) told.faults.push(`document ${id} came back`);
    await server.kill('SIGTERM');
    process.stdout.write(
      `chaos: ${kills} kills, ${told.questions.size} answers, ${told.added.size} documents kept, ${told.removed.size} removed\n`,
    );
    expect(told.faults).toEqual([]);
    expect(told.questions.size).toBeGreaterThan(0);
    expect(told.added.size).toBeGreaterThan(0);
    expect(await findFaults(dataFolder)).toEqual([]);
  });
});
