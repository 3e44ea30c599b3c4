import { createServer } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it, onTestFinished } from 'vitest';

import { createTestEmbeddingModel } from '../open-generations-fixture.ts';
import type { Document, Job, Passage } from '../../src/shared/documents.ts';
import type { DocumentVersion, Generation } from '../../src/shared/generations.ts';
import { type BuildOptions, buildApp } from '../../src/server/app.ts';
import { loadConfig } from '../../src/server/config.ts';
import { createLogger } from '../../src/server/http/create-logger.ts';

async function startApp(
  options: { env?: Record<string, string>; overrides?: BuildOptions['overrides']; folder?: string } = {},
) {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'wwhd-generation-routes-'));
  const env = { DATA_DIR: folder, SEED_SAMPLE: 'false', RATE_LIMIT_PER_MINUTE: '100000', ...options.env };
  const logLines: string[] = [];
  const wwhd = await buildApp({
    config: loadConfig({ env, baseFolder: folder }),
    logger: createLogger({
      level: 'warn',
      isPretty: false,
      destination: { write: (line) => void logLines.push(line) },
    }),
    isServer: true,
    ...(options.overrides ? { overrides: options.overrides } : {}),
  });
  let isClosed = false;
  const close = async () => {
    if (!isClosed) await wwhd.close();
    isClosed = true;
  };
  onTestFinished(async () => {
    await close();
    rmSync(folder, { recursive: true, force: true });
  });
  async function as(role: 'user' | 'curator') {
    const user = await wwhd.accounts.users.createUser({
      username: `${role}${Math.floor(performance.now() * 1000)}`,
      email: `${role}${Math.floor(performance.now() * 1000)}@example.org`,
      password: 'a-fine-Passphrase-7',
      role,
    });
    const { accessToken } = await wwhd.accounts.sessions.open(user, null);
    return (method: 'GET' | 'POST' | 'PUT', url: string, payload?: object) =>
      wwhd.app.inject({
        method,
        url: `/api/v1${url}`,
        headers: { authorization: `Bearer ${accessToken}` },
        ...(payload ? { payload } : {}),
      });
  }
  return { wwhd, folder, close, as, logLines };
}

/** Follows a job to its end over its event stream. */
async function follow(ask: Awaited<ReturnType<Awaited<ReturnType<typeof startApp>>['as']>>, job: Job) {
  await ask('GET', `/jobs/${job.id}/events`);
  return (await ask('GET', `/jobs/${job.id}`)).json<Job>();
}

describe('/api/v1/index/generations', () => {
  it('should build, show and switch generations for curators, and for nobody else', async () => {
    const { as } = await startApp();
    const ask = await as('curator');
    const created = await ask('POST', '/documents/', {
      namespace: 'meditation',
      title: 'Bells',
      content: 'The bronze bell of the gatehouse rings at dusk.',
    });
    expect(created.statusCode).toBe(201);
    const started = await ask('POST', '/index/generations');
    expect(started.statusCode).toBe(202);
    expect(await follow(ask, started.json())).toMatchObject({
      kind: 'build-generation',
      status: 'completed',
      progress: 1,
    });
    const listed = (await ask('GET', '/index/generations')).json<Generation[]>();
    expect(listed).toMatchObject([
      { id: 2, status: 'active', document_count: 1, passage_count: 1, progress: 1, is_wanted: true },
      { id: 1, status: 'retired', embedding_model: null, dimension: null, job_id: null },
    ]);
    const back = await ask('POST', '/index/generations/1/activate');
    expect(back.statusCode).toBe(202);
    expect(await follow(ask, back.json())).toMatchObject({ status: 'completed' });
    const found = await ask('POST', '/documents/search', { query: 'bronze bell' });
    expect(found.json()).toMatchObject([{ document: { title: 'Bells' } }]);
    expect((await ask('POST', '/index/generations/1/activate')).statusCode).toBe(409);
    expect((await ask('POST', '/index/generations/99/activate')).statusCode).toBe(404);
    expect((await ask('POST', '/index/generations', { activate: 'perhaps' })).statusCode).toBe(422);
    const user = await as('user');
    expect((await user('GET', '/index/generations')).statusCode).toBe(403);
    expect((await user('POST', '/index/generations')).statusCode).toBe(403);
    expect((await user('POST', '/index/generations/1/activate')).statusCode).toBe(403);
  });

  it('should open what an old answer cites after an edit and another index', async () => {
    const { as } = await startApp();
    const ask = await as('curator');
    const body = { namespace: 'meditation', title: 'Bells' };
    const { id } = (
      await ask('POST', '/documents/', { ...body, content: 'The bronze bell rings at dusk.' })
    ).json<Document>();
    type Asked = { sources: { quote: string; version: number; document_id: number }[] };
    const answer = (
      await ask('POST', '/chat/chat', { content: 'When does the bronze bell ring?' })
    ).json<Asked>();
    const [source] = answer.sources;
    expect(source).toMatchObject({ document_id: id, version: 1 });
    await ask('PUT', `/documents/${id}`, { content: 'The silver gong sounds at noon.' });
    await follow(ask, (await ask('POST', '/index/generations')).json());
    const version = (await ask('GET', `/documents/${id}/versions/1`)).json<DocumentVersion>();
    expect(version).toMatchObject({ document_id: id, version: 1, is_current: false, title: 'Bells' });
    expect(version.text).toContain(source?.quote);
    const old = (await ask('GET', `/documents/${id}/passages?version=1`)).json<Passage[]>();
    expect(old.some(({ text }) => text.includes(source?.quote ?? '?'))).toBe(true);
    const present = (await ask('GET', `/documents/${id}/passages`)).json<Passage[]>();
    expect(present).toMatchObject([{ version: 2, text: 'The silver gong sounds at noon.' }]);
    expect((await ask('GET', `/documents/${id}/versions/9`)).statusCode).toBe(404);
    expect((await ask('GET', '/documents/999/versions/1')).statusCode).toBe(404);
  });

  it('should find and build at start what a new embedding model needs', async () => {
    const first = await startApp();
    const ask = await first.as('curator');
    await ask('POST', '/documents/', {
      namespace: 'meditation',
      title: 'Bells',
      content: 'The bronze bell rings.',
    });
    await first.close();
    const overrides = { embeddingModel: createTestEmbeddingModel('embed-a') };
    const second = await startApp({ folder: first.folder, overrides });
    const again = await second.as('curator');
    const [job] = (await again('GET', '/jobs?limit=1')).json<Job[]>();
    expect(job).toMatchObject({ kind: 'build-generation' });
    if (job) await follow(again, job);
    const [newest] = (await again('GET', '/index/generations')).json<Generation[]>();
    expect(newest).toMatchObject({ status: 'active', embedding_model: 'embed-a', dimension: 16 });
    const [document] = (await again('GET', '/documents/')).json<Document[]>();
    expect(document).toMatchObject({ embedding_model: 'embed-a', passage_count: 1 });
    const health = await second.wwhd.app.inject('/health');
    expect(health.json()).toMatchObject({ components: { embedding_model: 'operational' } });
  });

  it('should start by words, and say so, when the embedding endpoint refuses', async () => {
    const endpoint = createServer((_, response) => response.writeHead(401).end('{"error":{"message":"no"}}'));
    await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void endpoint.close());
    const { wwhd, as, logLines } = await startApp({
      env: {
        OPENAI_BASE_URL: `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/v1`,
        OPENAI_API_KEY: 'sk-test',
        MODEL_EMBED: 'embed-a',
      },
    });
    const health = await wwhd.app.inject('/health');
    expect(health.statusCode).toBe(200);
    expect(health.json()).toMatchObject({ status: 'degraded', components: { embedding_model: 'degraded' } });
    expect(logLines.join('')).toContain('The embedding endpoint does not answer');
    expect(logLines.join('')).not.toContain('sk-test');
    const ask = await as('curator');
    await ask('POST', '/documents/', {
      namespace: 'meditation',
      title: 'Bells',
      content: 'The bronze bell rings.',
    });
    const found = await ask('POST', '/documents/search', { query: 'bronze bell' });
    expect(found.json()).toMatchObject([{ document: { title: 'Bells', embedding_model: null } }]);
    expect((await ask('POST', '/index/generations')).statusCode).toBe(503);
  });
});
