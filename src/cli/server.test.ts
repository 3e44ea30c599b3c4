import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { buildApp, type WwhdApp } from '../server/app.ts';
import { loadConfig } from '../server/config.ts';
import { createLogger } from '../server/http/create-logger.ts';
import type { Message } from '../shared/messages.ts';
import { runCli } from './run-cli.ts';
import { createTerminal } from './terminal.ts';

let folder: string;
let server: WwhdApp;
let address: string;
let token: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wwhd-cli-server-'));
  const env = { DATA_DIR: join(folder, 'data'), SEED_SAMPLE: 'false', RATE_LIMIT_PER_MINUTE: '100000' };
  const logger = createLogger({ level: 'silent', isPretty: false });
  server = await buildApp({ config: loadConfig({ env, baseFolder: folder }), logger, isServer: true });
  await server.app.listen({ host: '127.0.0.1', port: 0 });
  address = `http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}`;
  const curator = await server.accounts.users.createUser({
    username: 'curator',
    email: 'curator@example.org',
    password: 'a-fine-Passphrase-7',
    role: 'curator',
  });
  token = (await server.accounts.sessions.open(curator, null)).accessToken;
  mkdirSync(join(folder, 'talks'));
  const write = (name: string, content: string) => writeFileSync(join(folder, 'talks', name), content);
  write('pots.md', '# Warm pots\n\nWarm the copper teapot with hot water before you brew oolong in it.');
  write('bells.srt', '1\n00:00:05,000 --> 00:00:09,000\nThe bronze bell of the gatehouse rings at dusk.\n');
  write('empty.txt', '');
  writeFileSync(
    join(folder, 'talks.json'),
    JSON.stringify({
      videos: [
        {
          filename: 'bells.srt',
          title: 'Bells',
          youtube_url: 'https://www.youtube.com/watch?v=abcdefghijk',
          tags: ['bell', 'dusk'],
        },
      ],
    }),
  );
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function wwhd(args: string[], env: Record<string, string> = {}) {
  let stdout = '';
  let stderr = '';
  const terminal = createTerminal({
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    hasColour: false,
  });
  const stdin = Readable.from([]) as unknown as NodeJS.ReadStream;
  const environment = { WWHD_API_URL: address, ...env };
  const code = await runCli({
    args,
    context: { terminal, environment, folder, stdin, now: () => new Date() },
  });
  return { code, stdout, stderr };
}

const importTalks = (...more: string[]) =>
  wwhd(
    [
      'import',
      '--pdf-folder',
      'talks',
      '--metadata-file',
      'talks.json',
      '--namespace',
      'meditation',
      ...more,
    ],
    {
      WWHD_API_TOKEN: token,
    },
  );

describe('against a real server', () => {
  it('should import a folder with its metadata and skip it the second time', async () => {
    const first = await importTalks();
    expect(first.stdout).toMatch(/bells\.srt +indexed/);
    expect(first.stdout).toMatch(/pots\.md +indexed/);
    expect(first.stdout).toContain('2 indexed, 1 failed');
    expect(first.code).toBe(1);
    rmSync(join(folder, 'talks', 'empty.txt'));
    const second = await importTalks('--parallel', '1');
    expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('2 duplicate') });
    const found = await server.app.inject({
      url: '/api/v1/documents/?q=Bells',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(found.json()).toMatchObject([{ title: 'Bells', tags: ['bell', 'dusk'], file_name: 'bells.srt' }]);
  });

  it('should refuse a namespace that is not there and a token that does not hold', async () => {
    const args = ['import', '--pdf-folder', 'talks', '--namespace', 'nowhere'];
    expect(await wwhd(args, { WWHD_API_TOKEN: token })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('meditation'),
    });
    expect((await wwhd(args, { WWHD_API_TOKEN: 'forged' })).code).toBe(1);
  });

  it('should answer a guest with the sources, and the message as JSON', async () => {
    const question = 'When does the bronze bell of the gatehouse ring?';
    const { code, stdout } = await wwhd(['ask', question]);
    expect(code).toBe(0);
    expect(stdout).toContain('rings at dusk. [1]');
    expect(stdout).toMatch(/\[1\] Bells, at 0:05\n +https:\/\/www\.youtube\.com/);
    const message = JSON.parse((await wwhd(['ask', question, '--json'])).stdout) as Message;
    expect(message).toMatchObject({ role: 'assistant', status: 'complete', sources: [{ title: 'Bells' }] });
  });

  it('should find the server healthy', async () => {
    const { stdout } = await wwhd(['doctor'], { DATA_DIR: join(folder, 'data') });
    expect(stdout).toMatch(new RegExp(`ok +server: ${address} is healthy`));
    expect(stdout).toMatch(/ok +index: 2 passages, all indexed/);
  });

  it('should measure golden questions', async () => {
    const lines = [
      {
        question: 'When does the bronze bell of the gatehouse ring?',
        file: 'bells.md',
        contains: 'at  Dusk',
      },
      { question: 'How do I warm the copper teapot?', expect: { documents: ['bells'] } },
    ];
    writeFileSync(join(folder, 'golden.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'));
    const { stdout } = await wwhd(['eval', 'golden', '--dataset', 'golden.jsonl', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      questions: 2,
      passed: 1,
      failures: [
        {
          question: 'How do I warm the copper teapot?',
          reason: expect.stringContaining('bells is not cited'),
        },
      ],
    });
  });
});

describe('without a server', () => {
  it('should answer in this process and leave no lock behind', async () => {
    const env = { WWHD_API_URL: '', PORT: '1', DATA_DIR: join(folder, 'own'), SEED_SAMPLE: 'false' };
    const { code, stdout } = await wwhd(['ask', 'What is the capital of Mongolia?', '--json'], env);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ role: 'assistant', sources: [] });
    expect((await wwhd(['ask', 'hello'], env)).code).toBe(0);
    expect((await wwhd(['reset', '--confirm'], env)).code).toBe(0);
  });
});
