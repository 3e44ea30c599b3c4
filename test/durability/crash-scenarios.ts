import { setTimeout as delay } from 'node:timers/promises';

import type { CrashPoint } from '../../src/server/crash-points.ts';
import { type ApiClient, createApiClient } from '../../src/shared/api-client.ts';
import { findFaults } from './check-data.ts';
import { endsOf, readConnection, type Reading, startReading, textOfReading } from './follow-turn.ts';
import { type PreparedData, textOf } from './prepare-data.ts';
import { type ServerProcess, startServer } from './start-server.ts';

const QUESTION = 'How do beginners begin to meditate?';
const PATIENCE_MS = 20_000;

type Acknowledged = {
  /** Documents that the server said it has, and those that it said are gone. */
  added: number[];
  removed: number[];
  reading: Reading;
};

type Scenario = (
  client: ApiClient,
  context: { address: string; data: PreparedData; acknowledged: Acknowledged },
) => Promise<void>;

const ask: Scenario = async (_client, { address, data, acknowledged }) => {
  await readConnection(acknowledged.reading, {
    address,
    token: data.token,
    question: { content: QUESTION },
    idempotencyKey: 'once',
  });
};
const upload: Scenario = async (client, { acknowledged }) => {
  const file = { name: 'lesson-4.md', bytes: new Blob([textOf(4)]) };
  const added = await client.uploadDocument(file, { namespace: 'meditation', title: 'Lesson 4' });
  acknowledged.added.push(added.id);
};
const remove: Scenario = async (client, { data, acknowledged }) => {
  const id = data.documentIds[1] ?? 0;
  await client.removeDocument(id);
  acknowledged.removed.push(id);
};
const post = async (context: { address: string; data: PreparedData }, path: string) => {
  await fetch(`${context.address}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${context.data.token}`, 'content-type': 'application/json' },
    body: '{}',
  });
};
const reindex: Scenario = (_client, context) =>
  post(context, `/documents/${context.data.documentIds[0]}/reindex`);
const rebuild: Scenario = (_client, context) => post(context, '/index/generations');

const scenarios: [prefix: string, scenario: Scenario][] = [
  ['turn-', ask],
  ['upload-', upload],
  ['ingest-', upload],
  ['removal-', remove],
  ['purge-', remove],
  ['reindex-', reindex],
  ['generation-', rebuild],
];

/**
 * Lets a server die at a crash point while a client uses it, starts it again without one, lets the client come back,
 * and looks for what was acknowledged and for faults in the data.
 * @returns what is wrong; empty when nothing is
 */
export async function crashAndRecover(options: {
  point: CrashPoint;
  data: PreparedData;
  port: number;
  settings: Record<string, string>;
}): Promise<string[]> {
  const { point, data, port, settings } = options;
  const dataFolder = data.copy(point);
  const acknowledged: Acknowledged = { added: [], removed: [], reading: startReading() };
  const first = await startServer({ dataFolder, port, settings: { ...settings, CRASH_POINT: point } });
  const client = createApiClient({ baseUrl: first.address, token: data.token });
  const scenario = scenarios.find(([prefix]) => point.startsWith(prefix))?.[1];
  if (!scenario) throw new Error(`No scenario for ${point}.`);
  // Whatever the client gets to see when the server dies is told by what was acknowledged before.
  await scenario(client, { address: first.address, data, acknowledged }).catch(() => undefined);
  const end = await Promise.race([first.ended, delay(PATIENCE_MS, undefined, { ref: false })]);
  if (end?.signal !== 'SIGKILL') {
    await first.kill('SIGKILL');
    return [`the server did not die at ${point}: ${first.log()}`];
  }
  const faults: string[] = [];
  const second = await startServer({ dataFolder, port, settings });
  try {
    faults.push(...(await resume(second, { data, acknowledged, isTurn: scenario === ask })));
    faults.push(...(await findLost(client, acknowledged)));
  } finally {
    await second.kill('SIGTERM');
  }
  faults.push(...(await findFaults(dataFolder)));
  return faults.map((fault) => `${point}: ${fault}\n${second.log()}`);
}

/** The reader comes back; a question that was not acknowledged is sent again with its key. */
async function resume(
  server: ServerProcess,
  context: { data: PreparedData; acknowledged: Acknowledged; isTurn: boolean },
): Promise<string[]> {
  const { data, acknowledged, isTurn } = context;
  if (!isTurn) return [];
  const { reading } = acknowledged;
  const seen = textOfReading(reading);
  const isEnded = await readConnection(reading, {
    address: server.address,
    token: data.token,
    question: { content: QUESTION },
    idempotencyKey: 'once',
  });
  const ends = endsOf(reading);
  const final = ends[0]?.data;
  const message = (final?.['message'] ?? final?.['answer']) as { content: string } | undefined;
  const stored = typeof message === 'object' ? message.content : undefined;
  const content = final?.type === 'error' ? (final['answer'] as { content: string }).content : stored;
  const faults: string[] = [];
  if (!isEnded || ends.length !== 1) faults.push(`the reader saw ${ends.length} ends`);
  if (final?.type === 'error' && !textOfReading(reading).startsWith(content ?? '?'))
    faults.push('the stored part is no prefix of what was sent');
  if (final?.type === 'done' && textOfReading(reading) !== content)
    faults.push(`the text of the answer differs from what was sent`);
  if (!textOfReading(reading).startsWith(seen)) faults.push('the text that was seen changed');
  const client = createApiClient({ baseUrl: server.address, token: data.token });
  const { chats } = await client.listChats();
  const chat = await client.getChat(chats[0]?.id ?? 0);
  const questions = chat.messages.filter((entry) => entry.role === 'user' && entry.content === QUESTION);
  if (chats.length !== 1 || questions.length !== 1)
    faults.push(`the question is there ${questions.length} times in ${chats.length} chats`);
  return faults;
}

/** Waits for the jobs to end and looks for the documents that the client was told of. */
async function findLost(client: ApiClient, acknowledged: Acknowledged): Promise<string[]> {
  const faults: string[] = [];
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const jobs = await client.listJobs({ limit: 200 });
    if (jobs.every((job) => job.ended_at !== null)) break;
    if (Date.now() > deadline) return ['the jobs do not end'];
    await delay(50);
  }
  const { documents } = await client.listDocuments({ limit: 1_000 });
  const ids = new Set(documents.map((document) => document.id));
  for (const id of acknowledged.added) if (!ids.has(id)) faults.push(`document ${id} was lost`);
  for (const id of acknowledged.removed) if (ids.has(id)) faults.push(`document ${id} came back`);
  return faults;
}
