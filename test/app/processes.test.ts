import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';

import { describe, expect, it, onTestFinished } from 'vitest';

import type { Document } from '../../src/shared/documents.ts';
import type { Message } from '../../src/shared/messages.ts';
import type { TurnEvent } from '../../src/shared/turn-events.ts';
import { testPacksFolder } from '../build-whole-app.ts';
import { findFreePort, type ServerProcess, serverSettings, startServer } from '../durability/start-server.ts';
import { startModelServer } from '../model-server/start-model-server.ts';
import { readFrames, textOf } from '../read-event-stream.ts';

const program = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wwhd-process-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs `wwhd serve` where it cannot start. */
async function serveInVain(options: { folder: string; settings?: Record<string, string> }) {
  const { folder, settings } = options;
  const child = spawn(process.execPath, [program, 'serve'], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      ...serverSettings,
      PERSONAS_DIR: testPacksFolder,
      DATA_DIR: join(folder, 'data'),
      PORT: '0',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { stdout, stderr, code };
}

/** One problem is one line, or a heading and one line. */
function expectOneProblem(result: Awaited<ReturnType<typeof serveInVain>>, message: RegExp) {
  expect(result).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
  const lines = result.stderr.trim().split('\n');
  expect(lines.length).toBeLessThanOrEqual(lines[0]?.endsWith(':') ? 2 : 1);
  expect(result.stderr).not.toMatch(/^\s+at /m);
}

/** What a reader from outside sees of the only answer that is being written. */
function committedText(folder: string): string {
  const database = new DatabaseSync(join(folder, 'app.db'), { readOnly: true });
  const rows = database.prepare('select payload from turn_events order by sequence').all();
  database.close();
  return rows
    .map((row) => JSON.parse(String(row['payload'])) as TurnEvent)
    .map((event) => (event.type === 'answer-delta' ? event.text : ''))
    .join('');
}

async function start(folder: string, settings: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await startServer({
    dataFolder: folder,
    port: await findFreePort(),
    settings: { PERSONAS_DIR: testPacksFolder, DEFAULT_PERSONA: 'tester', ...settings },
  });
  onTestFinished(() => server.kill('SIGKILL'));
  return server;
}

describe('a start that cannot be', () => {
  it('should name a port that is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const result = await serveInVain({ folder: makeFolder(), settings: { PORT: String(port) } });
    expectOneProblem(result, new RegExp(`Port ${port} is in use.*PORT=`));
  });

  it('should name a data folder that is a file, and leave the file alone', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'data'), 'precious');
    const result = await serveInVain({ folder });
    expectOneProblem(result, /Cannot use the data folder .*data.*DATA_DIR/);
    expect(readFileSync(join(folder, 'data'), 'utf8')).toBe('precious');
  });

  it('should name a database that is none, and leave it alone', async () => {
    const folder = makeFolder();
    mkdirSync(join(folder, 'data'));
    const content = 'These are my notes and no database. '.repeat(100);
    writeFileSync(join(folder, 'data', 'app.db'), content);
    expectOneProblem(await serveInVain({ folder }), /app\.db/);
    expect(readFileSync(join(folder, 'data', 'app.db'), 'utf8')).toBe(content);
  });

  it('should name a relative path in production, with every other problem at once', async () => {
    const { code, stderr } = await serveInVain({
      folder: makeFolder(),
      settings: { APP_ENV: 'production', DATA_DIR: './data', JWT_SECRET: 'secret', CORS_ORIGINS: '["*"]' },
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/3 problems/);
    for (const name of ['DATA_DIR', 'JWT_SECRET', 'CORS_ORIGINS']) expect(stderr).toContain(`- ${name}`);
  });

  it('should name the line of a broken .env', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, '.env'), 'LOG_LEVEL=error\nthis is no setting\n');
    expectOneProblem(await serveInVain({ folder }), /\.env line 2: expected NAME=value/);
  });

  it('should name file and line of a broken pack', async () => {
    const folder = makeFolder();
    const packs = join(folder, 'packs');
    cpSync(testPacksFolder, packs, { recursive: true });
    const file = join(packs, 'tester', 'persona.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('name: Tessa', 'name: ""'));
    const result = await serveInVain({ folder, settings: { PERSONAS_DIR: packs } });
    expectOneProblem(result, /tester\/persona\.yaml:2: name: is empty\./);
  });

  it('should end when the sample of a pack is broken, and say where', async () => {
    const folder = makeFolder();
    const packs = join(folder, 'packs');
    cpSync(testPacksFolder, packs, { recursive: true });
    rmSync(join(packs, 'tester', 'knowledge', 'tea', 'brewing.md'));
    const settings = { PERSONAS_DIR: packs, SEED_SAMPLE: 'true' };
    expectOneProblem(await serveInVain({ folder, settings }), /tea\/documents\.yaml.*brewing\.md/);
  });
});

describe('a running server', () => {
  it('should keep a second one off its data, and go on', async () => {
    const folder = makeFolder();
    const server = await start(folder);
    const result = await serveInVain({ folder, settings: { DATA_DIR: folder } });
    expectOneProblem(result, /Another server already uses the data in .*DATA_DIR/);
    expect((await fetch(`${server.address}/health`)).status).toBe(200);
    await server.kill('SIGTERM');
    expect(await server.ended).toEqual({ code: 0, signal: null });
  });

  it('should keep chats, documents and tokens over kill -9, and end the turn that was cut with its text', async () => {
    const folder = makeFolder();
    const model = await startModelServer();
    onTestFinished(() => model.close());
    const settings = {
      OPENAI_BASE_URL: model.baseUrl,
      OPENAI_API_KEY: 'sk-test',
      SEED_SAMPLE: 'true',
      ADMIN_EMAIL: 'admin@example.org',
      ADMIN_PASSWORD: 'a-fine-Passphrase-7',
    };
    const first = await start(folder, settings);
    const login = await fetch(`${first.address}/api/v1/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: settings.ADMIN_EMAIL, password: settings.ADMIN_PASSWORD }),
    });
    const { access_token: token } = (await login.json()) as { access_token: string };
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const added = await fetch(`${first.address}/api/v1/documents/`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ namespace: 'tea', title: 'Cups', content: 'Thin cups are for white tea.' }),
    });
    const document = (await added.json()) as Document;
    await model.control({
      replies: [
        `Thin cups are right for white tea [1]. ${'And the talk goes on for a long while. '.repeat(200)}`,
      ],
      pace: { tokenMs: 5 },
    });
    const response = await fetch(`${first.address}/api/v1/chat/stream`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ content: 'Which cups are for white tea?' }),
    });
    let received = '';
    try {
      for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        received += part;
        if (received.includes('"type":"token"') && committedText(folder).length > 60)
          await first.kill('SIGKILL');
      }
    } catch {
      // The connection breaks with the process.
    }
    const seen = await readFrames(received);
    const turnId = /"turn_id":(\d+)/.exec(received)?.[1];
    const lastId = seen.findLast(({ id }) => id !== undefined)?.id ?? '0';

    const second = await start(folder, settings);
    const get = (path: string, more: Record<string, string> = {}) =>
      fetch(`${second.address}${path}`, { headers: { ...headers, ...more } });
    const events = `/api/v1/chat/turns/${turnId}/events`;
    const rest = await readFrames(await (await get(events, { 'last-event-id': lastId })).text());
    expect(rest.map(({ frame }) => frame.type).filter((type) => type === 'done' || type === 'error')).toEqual(
      ['error'],
    );
    const error = rest.at(-1)?.frame as unknown as { code: string; answer: Message };
    expect(error).toMatchObject({ code: 'turn_interrupted', answer: { status: 'interrupted' } });
    // What was sent more than a moment before the end is there; nothing is there that was not said.
    expect(
      textOf(seen).startsWith(error.answer.content) || error.answer.content.startsWith(textOf(seen)),
    ).toBe(true);
    expect(error.answer.content).toContain('Thin cups are right for white tea');
    const chat = (await (await get(`/api/v1/chat/chats/${error.answer.chat_id}`)).json()) as {
      messages: Message[];
    };
    expect(chat.messages[1]).toMatchObject({ status: 'interrupted', content: error.answer.content });
    const kept = (await (await get(`/api/v1/documents/${document.id}`)).json()) as Document;
    expect(kept).toMatchObject({ title: 'Cups', status: 'indexed' });
    await model.control({ replies: ['Thin cups are right for white tea [1].'], pace: {} });
    const again = await fetch(`${second.address}/api/v1/chat/chat`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ content: 'Which cups are for white tea?', chat_id: error.answer.chat_id }),
    });
    expect(await again.json()).toMatchObject({ status: 'complete' });
  });
});
