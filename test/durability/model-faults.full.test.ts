import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { FaultName } from '../model-server/faults.ts';
import { type ModelServer, startModelServer } from '../model-server/start-model-server.ts';
import { findFaults } from './check-data.ts';
import { endsOf, readConnection, startReading, textOfReading } from './follow-turn.ts';
import { type PreparedData, prepareData } from './prepare-data.ts';
import { findFreePort, type ServerProcess, startServer } from './start-server.ts';

const question = { content: 'How do beginners begin to meditate?' };
/** The most that an answer may have: eight characters for each token allowed, and what the server adds. */
const LONGEST_ANSWER = 8 * 1_000 + 1_000;
let data: PreparedData;
let model: ModelServer;
let server: ServerProcess;
let dataFolder: string;

beforeAll(async () => {
  data = await prepareData();
  model = await startModelServer();
  dataFolder = data.copy('faults');
  server = await startServer({
    dataFolder,
    port: await findFreePort(),
    settings: { OPENAI_BASE_URL: model.baseUrl, OPENAI_API_KEY: 'sk-test' },
  });
});
afterAll(async () => {
  await server.kill('SIGTERM');
  expect(await findFaults(dataFolder)).toEqual([]);
  await model.close();
  data.remove();
});

async function ask(faults: FaultName[]) {
  await model.control({ faults });
  const reading = startReading();
  await readConnection(reading, { address: server.address, token: data.token, question });
  expect(endsOf(reading)).toHaveLength(1);
  const end = endsOf(reading)[0]?.data;
  const message = (end?.type === 'done' ? end['message'] : end?.['answer']) as {
    content: string;
    status: string;
    cost_usd: number;
    sources: unknown[];
  };
  return { end, message, text: textOfReading(reading) };
}

// A good answer in between keeps the breaker closed.
beforeEach(async () => {
  expect((await ask([])).message.cost_usd).toBeGreaterThan(0);
});

describe('POST /api/v1/chat/stream when the language model goes wrong', () => {
  it.each<FaultName>([
    'split-characters',
    'split-surrogates',
    'no-usage',
    'no-done',
    'slow-first-token',
    'slow-drip',
  ])('should be a written answer all the same with %s', async (fault) => {
    const { end, message, text } = await ask([fault]);
    expect(end?.type).toBe('done');
    expect(message.status).toBe('complete');
    expect(message.content).toBe(text);
    expect(message.cost_usd).toBeGreaterThan(0);
  });

  it.each<[FaultName, number]>([
    ['server-error', 3],
    ['reset', 3],
    ['rate-limited-long', 1],
    ['quota', 1],
    ['unauthorized', 1],
    ['unknown-model', 1],
    ['too-long', 1],
    ['malformed-json', 1],
    ['not-the-format', 1],
    ['wrong-content-type', 1],
    ['empty', 1],
    ['hang', 1],
  ])('should be excerpts with sources, never an empty apology, with %s', async (fault, calls) => {
    const { end, message, text } = await ask(Array.from({ length: calls }, () => fault));
    expect(end?.type).toBe('done');
    expect(message.content).toBe(text);
    expect(message.sources.length).toBeGreaterThan(0);
    expect(message.cost_usd).toBe(0);
    expect(message).toMatchObject({ status: 'complete' });
  });

  it.each<FaultName>([
    'cut-off',
    'cut-mid-token',
    'closed-mid-answer',
    'malformed-after-text',
    'error-in-stream',
    'silent-after-text',
  ])('should end with an error and the words that were sent with %s', async (fault) => {
    const { end, message, text } = await ask([fault]);
    expect(end).toMatchObject({ type: 'error', code: 'model_unavailable' });
    expect(message.status).toBe('failed');
    expect(message.content).not.toBe('');
    expect(text.startsWith(message.content)).toBe(true);
  });

  it('should cut an endless answer off and call it complete', async () => {
    const { end, message, text } = await ask(['endless']);
    expect(end?.type).toBe('done');
    expect(message.content).toBe(text);
    expect(text.length).toBeLessThan(LONGEST_ANSWER);
  });
});
