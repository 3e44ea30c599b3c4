import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { buildApp, type WwhdApp } from '../../server/app.ts';
import { loadConfig } from '../../server/config.ts';
import { readSampleFolder } from '../../server/features/knowledge/seed-sample.ts';
import { loadPack } from '../../server/features/personas/load-pack.ts';
import { createLogger } from '../../server/http/create-logger.ts';
import { type ApiClient, createApiClient } from '../../shared/api-client.ts';
import type { Document } from '../../shared/documents.ts';
import { runCli } from '../run-cli.ts';
import { createTerminal } from '../terminal.ts';
import { exportNamespace } from './export-namespace.ts';

type Server = { wwhd: WwhdApp; address: string; token: string; client: ApiClient };

let folder: string;
let source: Server;
let target: Server;

async function startServer(name: string): Promise<Server> {
  const env = { DATA_DIR: join(folder, name), SEED_SAMPLE: 'false', RATE_LIMIT_PER_MINUTE: '100000' };
  const logger = createLogger({ level: 'silent', isPretty: false });
  const wwhd = await buildApp({ config: loadConfig({ env, baseFolder: folder }), logger, isServer: true });
  await wwhd.app.listen({ host: '127.0.0.1', port: 0 });
  const address = `http://127.0.0.1:${(wwhd.app.server.address() as AddressInfo).port}`;
  const account = { username: 'curator', email: 'curator@example.org', password: 'a-fine-Passphrase-7' };
  const curator = await wwhd.accounts.users.createUser({ ...account, role: 'curator' });
  const token = (await wwhd.accounts.sessions.open(curator, null)).accessToken;
  return { wwhd, address, token, client: createApiClient({ baseUrl: address, token }) };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wwhd-export-'));
  source = await startServer('source');
  target = await startServer('target');
  const { client } = source;
  await client.createNamespace({
    name: 'tea_house',
    title: 'The tea house',
    description: 'How tea is made.',
    visibility: 'users',
  });
  await client.updateNamespace('tea_house', { persona: null });
  const upload = (name: string, text: string, fields: Parameters<ApiClient['uploadDocument']>[1]) =>
    client.uploadDocument({ name, bytes: new Blob([text]) }, fields);
  await upload('pots.md', '# Warm pots\n\nWarm the copper teapot before you brew oolong in it.', {
    namespace: 'tea_house',
    title: 'Pots: "warm", and why',
    author: 'Ada',
    published_date: '2026',
    source_url: 'https://example.org/pots',
    tags: ['pots', 'copper, warm'],
    metadata_json: { series: 3, nested: { of: ['yes', 'no'] } },
  });
  await upload('pots.MD', '# More pots\n\nClay pots remember every oolong they ever held.', {
    namespace: 'tea_house',
  });
  await upload(
    'bells.srt',
    '1\n00:00:05,000 --> 00:00:09,000\nThe bronze bell of the gatehouse rings at dusk.\n',
    { namespace: 'meditation', title: 'Bells', youtube_url: 'https://www.youtube.com/watch?v=abcdefghijk' },
  );
  await client.createDocument({ namespace: 'general', title: '../Up & away', content: 'Kites fly in wind.' });
});

afterAll(async () => {
  await source.wwhd.close();
  await target.wwhd.close();
  rmSync(folder, { recursive: true, force: true });
});

async function wwhd(args: string[], server: Server) {
  let stdout = '';
  let stderr = '';
  const terminal = createTerminal({
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    hasColour: false,
  });
  const stdin = Readable.from([]) as unknown as NodeJS.ReadStream;
  const environment = { WWHD_API_URL: server.address, WWHD_API_TOKEN: server.token };
  const code = await runCli({
    args,
    context: { terminal, environment, folder, stdin, now: () => new Date() },
  });
  return { code, stdout, stderr };
}

/** What must survive the way there and back. */
async function describeKnowledge({ client }: Server) {
  const { documents } = await client.listDocuments({ limit: 100 });
  const whole = await Promise.all(documents.map(({ id }) => client.getDocument(id)));
  return whole
    .map((document) => ({
      namespace: document.namespace,
      title: document.title,
      content: document.content,
      author: document.author,
      published_date: document.published_date,
      youtube_url: document.youtube_url,
      source_url: document.source_url,
      tags: document.tags,
      metadata_json: document.metadata_json,
      status: document.status,
      passage_count: document.passage_count,
    }))
    .sort((left, right) => left.title.localeCompare(right.title));
}

describe('wwhd export', () => {
  it('should write what wwhd import reads back into an empty installation, once', async () => {
    expect(await wwhd(['export', '--out', 'all'], source)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('4 documents of'),
    });
    const imported = await wwhd(['import', '--from', 'all'], target);
    expect(imported).toMatchObject({ code: 0, stdout: expect.stringContaining('4 indexed') });
    const knowledge = await describeKnowledge(target);
    expect(knowledge).toEqual(await describeKnowledge(source));
    expect(knowledge).toHaveLength(4);
    const question = { query: 'copper teapot', namespace: 'tea_house' };
    const [found] = await target.client.search(question);
    expect(found).toMatchObject({ document: { title: 'Pots: "warm", and why', author: 'Ada' } });
    const namespaces = (await target.client.listNamespaces()).filter(({ name }) => name === 'tea_house');
    expect(namespaces).toMatchObject([
      { title: 'The tea house', description: 'How tea is made.', visibility: 'users', persona: null },
    ]);
    const again = await wwhd(['import', '--from', 'all'], target);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('4 duplicate') });
  });

  it('should write one namespace only, with a file for each document', async () => {
    expect((await wwhd(['export', '--out', 'one', '--namespace', 'tea_house'], source)).code).toBe(0);
    expect(readdirSync(join(folder, 'one')).sort()).toEqual(['namespaces.yaml', 'tea_house']);
    expect(readdirSync(join(folder, 'one', 'tea_house')).sort()).toEqual([
      'documents.yaml',
      'pots-2.MD',
      'pots.md',
    ]);
    const dry = await wwhd(['import', '--from', 'one', '--dry-run'], target);
    expect(dry.stdout).toContain('2 files would go to "tea_house"');
  });

  it('should write a pack that loads, with its knowledge', async () => {
    expect((await wwhd(['export', '--persona', 'herman', '--out', 'herman'], source)).code).toBe(0);
    expect(loadPack(join(folder, 'herman'))).toMatchObject({ id: 'herman' });
    const documents = readSampleFolder(join(folder, 'herman', 'knowledge', 'meditation'));
    expect(documents).toMatchObject([{ fileName: 'bells.srt', title: 'Bells' }]);
    const imported = await wwhd(['import', '--from', 'herman/knowledge'], source);
    expect(imported).toMatchObject({ code: 0, stdout: expect.stringContaining('2 duplicate') });
  });

  it('should refuse a folder that holds something, and a namespace that is not there', async () => {
    mkdirSync(join(folder, 'full'));
    writeFileSync(join(folder, 'full', 'mine.txt'), 'mine');
    expect(await wwhd(['export', '--out', 'full'], source)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('not empty'),
    });
    expect(readFileSync(join(folder, 'full', 'mine.txt'), 'utf8')).toBe('mine');
    const unknown = await wwhd(['export', '--out', 'none', '--namespace', 'nowhere'], source);
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('tea_house') });
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  it('should stay in its folder whatever names a server gives, and go on past a lost original', async () => {
    const document = { author: null, published_date: null, youtube_url: null, source_url: null, tags: [] };
    const documents = ['../../outside.md', '/etc/passwd', 'lost.md'].map((file_name, id) => ({
      ...document,
      id,
      title: file_name,
      file_name,
      metadata_json: {},
    })) as unknown as Document[];
    const own = join(folder, 'hostile', 'inner');
    const written = await exportNamespace({
      client: {
        listDocuments: () => Promise.resolve({ documents, total: 3 }),
        downloadDocument: (id) =>
          id === 2 ? Promise.reject(new Error('No such file.')) : Promise.resolve(new Uint8Array([65])),
      },
      namespace: 'tea',
      folder: own,
      wait: () => Promise.resolve(),
      onDocument: () => {},
    });
    expect(written).toEqual({
      documents: 2,
      failures: [{ title: 'tea: lost.md', reason: 'No such file.' }],
    });
    expect(readdirSync(join(folder, 'hostile'))).toEqual(['inner']);
    expect(readdirSync(own).sort()).toEqual(['documents.yaml', 'outside.md', 'passwd']);
    const listed = parse(readFileSync(join(own, 'documents.yaml'), 'utf8')) as { documents: unknown[] };
    expect(listed.documents).toHaveLength(2);
  });
});

describe('wwhd import --from', () => {
  it.each([
    ['nothing', {}, 'holds no namespaces.yaml'],
    ['path', { 'tea/documents.yaml': 'documents: [{file: ../x.md, title: X}]' }, 'file name in the same'],
    ['parent', { 'tea/documents.yaml': 'documents: [{file: "..", title: X}]' }, 'file name in the same'],
    ['broken', { 'namespaces.yaml': 'namespaces: [' }, 'cannot read'],
    [
      'cut',
      { 'namespaces.yaml': 'namespaces: [{name: tea, title: Tea, persona: null, visibility: public}]' },
      'has no documents.yaml',
    ],
  ])('should refuse a folder with %s', async (name, files, message) => {
    const own = join(folder, `refused-${name}`);
    mkdirSync(join(own, 'tea'), { recursive: true });
    for (const [path, text] of Object.entries(files)) writeFileSync(join(own, path), text);
    expect(await wwhd(['import', '--from', `refused-${name}`], target)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(message),
    });
  });

  it('should tell of a file that is missing and import the others', async () => {
    const own = join(folder, 'partial', 'general');
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, 'here.md'), 'The lighthouse keeper trims the wick at four.');
    const listed = 'documents: [{file: here.md, title: Here}, {file: gone.md, title: Gone}]';
    writeFileSync(join(own, 'documents.yaml'), listed);
    const { code, stdout } = await wwhd(['import', '--from', 'partial'], target);
    expect(code).toBe(1);
    expect(stdout).toContain('1 indexed, 1 failed');
    expect(stdout).toContain('There is no such file.');
  });
});
