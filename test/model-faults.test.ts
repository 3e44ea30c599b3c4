import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { buildApp, type WwhdApp } from '../src/server/app.ts';
import { loadConfig } from '../src/server/config.ts';
import { createLogger } from '../src/server/http/create-logger.ts';
import type { Message } from '../src/shared/messages.ts';
import type { FaultName } from './model-server/faults.ts';
import { type ModelServer, startModelServer } from './model-server/start-model-server.ts';

const question = 'How should I begin to meditate?';
const apiKey = 'sk-test-1234567890';
let server: ModelServer;
let folder: string;
const logLines: string[] = [];

beforeAll(async () => {
  server = await startModelServer();
  folder = mkdtempSync(join(tmpdir(), 'wwhd-model-faults-'));
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The whole server with the sample knowledge, its model being the one that goes wrong. */
async function openApp(): Promise<WwhdApp> {
  const config = loadConfig({
    env: {
      APP_ENV: 'test',
      DATA_DIR: folder,
      JWT_SECRET: '6f1d'.repeat(16),
      GUEST_RATE_LIMIT_PER_MINUTE: '10000',
      OPENAI_BASE_URL: server.baseUrl,
      OPENAI_API_KEY: apiKey,
    },
    baseFolder: folder,
  });
  const logger = createLogger({
    level: 'trace',
    isPretty: false,
    destination: { write: (line) => void logLines.push(line) },
  });
  return await buildApp({ config, logger, isServer: true });
}

describe('what a reader sees when the language model goes wrong', () => {
  let app: WwhdApp;
  let headers: Record<string, string>;
  beforeAll(async () => {
    app = await openApp();
    await app.loadSample();
    await app.whenIngested();
    const session = await app.accounts.sessions.openGuest('test');
    headers = { authorization: `Bearer ${session.accessToken}` };
  });
  afterAll(async () => {
    await app.close();
  });
  beforeEach(async () => {
    await server.control({ faults: [], replies: [] });
  });

  const post = (faults: FaultName[], replies: string[] = []) =>
    server
      .control({ faults, replies })
      .then(() =>
        app.app.inject({ method: 'POST', url: '/api/v1/chat/chat', headers, payload: { content: question } }),
      );
  const lastAnswer = async () => {
    const get = async <Body>(url: string) => (await app.app.inject({ url, headers })).json<Body>();
    const { chats } = await get<{ chats: { id: number }[] }>('/api/v1/chat/chats');
    const { messages } = await get<{ messages: Message[] }>(`/api/v1/chat/chats/${chats[0]?.id}/messages`);
    return messages.at(-1);
  };
  const ask = async (faults: FaultName[]) => (await post(faults)).json<Message>();

  it.each<[string, FaultName[]]>([
    ['nothing goes wrong', []],
    ['characters are cut in two', ['split-characters']],
    ['usage is missing', ['no-usage']],
    ['the server fails twice first', ['server-error', 'reset']],
  ])('should be a written answer with citations when %s', async (_, faults) => {
    const message = await ask(faults);
    expect(message.status).toBe('complete');
    expect(message.sources.length).toBeGreaterThan(0);
    expect(message.content).toContain('[1]');
    expect(message.completion_tokens).toBeGreaterThan(0);
    expect(message.cost_usd).toBeGreaterThan(0);
  });

  it.each<[FaultName, number]>([
    ['server-error', 3],
    ['unauthorized', 1],
    ['too-long', 1],
    ['malformed-json', 1],
  ])('should be excerpts with citations, at no cost, with %s', async (fault, calls) => {
    const message = await ask(Array.from({ length: calls }, () => fault));
    expect(message.status).toBe('complete');
    expect(message.sources.length).toBeGreaterThan(0);
    expect(message.cost_usd).toBe(0);
    expect(await server.requests()).toHaveLength(calls);
    // A written answer in between, so that the breaker stays closed.
    await ask([]);
  });

  it.each<FaultName>([
    'cut-off',
    'cut-mid-token',
    'closed-mid-answer',
    'malformed-after-text',
    'error-in-stream',
  ])('should be the text so far and an error with %s', async (fault) => {
    const told =
      'Sit down for ten minutes every morning [1]. Breathe out slowly and count your breaths [1].'.repeat(3);
    const response = await post([fault], [told]);
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({ code: 'model_unavailable' });
    expect(await server.requests()).toHaveLength(1);
    const stored = await lastAnswer();
    expect(stored?.status).toBe('failed');
    expect(stored?.content).not.toBe('');
    expect(told.startsWith(stored?.content ?? 'nothing')).toBe(true);
    await ask([]);
  });

  it('should never put the key, the prompt or the provider’s words into the log', () => {
    const log = logLines.join('');
    expect(log).toContain('model_unavailable');
    for (const secret of [apiKey, question, 'Slow down', '8192']) expect(log).not.toContain(secret);
  });
});
