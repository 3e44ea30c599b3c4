import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { buildApp, type WwhdApp } from '../../server/app.ts';
import { loadConfig } from '../../server/config.ts';
import { createLogger } from '../../server/http/create-logger.ts';
import { type ApiClient, createApiClient } from '../../shared/api-client.ts';
import { createInjectFetch } from '../create-inject-fetch.ts';
import { evaluateGolden } from './evaluate-golden.ts';

const folder = mkdtempSync(join(tmpdir(), 'wwhd-golden-'));
let wwhd: WwhdApp;
let client: ApiClient;

beforeAll(async () => {
  const config = loadConfig({
    env: {
      APP_ENV: 'test',
      DATA_DIR: folder,
      JWT_SECRET: '6f1d'.repeat(16),
      ENABLE_OPENAI: 'false',
      RATE_LIMIT_PER_MINUTE: '100000',
    },
    baseFolder: folder,
  });
  const logger = createLogger({ level: 'silent', isPretty: false });
  wwhd = await buildApp({ config, logger, isServer: true });
  await wwhd.loadSample();
  await wwhd.whenIngested();
  const user = await wwhd.accounts.users.createUser({
    username: 'golden',
    email: 'golden@example.org',
    password: 'quiet-river-under-9-stones',
  });
  const { accessToken } = await wwhd.accounts.sessions.open(user, 'test');
  const fetch = createInjectFetch(wwhd.app);
  client = createApiClient({ baseUrl: 'http://localhost', token: accessToken, fetch });
});

afterAll(async () => {
  await wwhd.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the golden questions of the sample persona', () => {
  it('should answer at least 95 % as expected through the whole turn', async () => {
    const path = 'eval/golden/herman.jsonl';
    const { questions, share, failures } = await evaluateGolden({ client, path, persona: 'herman' });
    expect(questions).toBeGreaterThanOrEqual(40);
    expect(share, JSON.stringify(failures, null, 2)).toBeGreaterThanOrEqual(0.95);
  });

  it('should say something new when asked for more', async () => {
    const first = await client.ask({ content: 'How do I begin to meditate?', persona: 'herman' });
    const more = await client.ask({ content: 'tell me more', chat_id: first.chat_id });
    const quoted = new Set(first.citations.map(({ quote }) => quote));
    expect(more.citations.length).toBeGreaterThan(0);
    expect(more.citations.filter(({ quote }) => quoted.has(quote))).toEqual([]);
  });
});
