import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { lockDataFolder } from '../server/database/sqlite.ts';
import { runCli } from './run-cli.ts';
import { createTerminal } from './terminal.ts';

const main = join(dirname(fileURLToPath(import.meta.url)), 'main.ts');
// The port where nothing listens; no test of this file may find a server of somebody else.
const CLOSED_PORT = '1';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wwhd-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Result = { code: number | null; stdout: string; stderr: string };
type Options = { input?: string; env?: Record<string, string> };

const environmentOf = (options: Options) => ({
  DATA_DIR: join(folder, 'data'),
  PORT: CLOSED_PORT,
  ...options.env,
});

/** Runs a command in this process, in an empty folder with a data folder of its own. */
async function wwhd(args: string[], options: Options = {}): Promise<Result> {
  let stdout = '';
  let stderr = '';
  const terminal = createTerminal({
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    hasColour: false,
  });
  const stdin = Readable.from([Buffer.from(options.input ?? '')]) as unknown as NodeJS.ReadStream;
  const context = { terminal, environment: environmentOf(options), folder, stdin, now: () => new Date() };
  return { code: await runCli({ args, context }), stdout, stderr };
}

/** The same as a program of its own, as users run it. */
function spawnWwhd(args: string[], options: Options = {}): Promise<Result> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'], ...environmentOf(options) };
    const child = spawn(process.execPath, [main, ...args], { cwd: folder, env });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(options.input ?? '');
  });
}

const create = (name: string, ...more: string[]) =>
  wwhd(['user', 'create', name, '--email', `${name}@example.org`, '--password-stdin', ...more], {
    input: 'a-fine-Passphrase-7\n',
  });

describe('wwhd', () => {
  it('should work as a program: arguments, stdin, output and exit code', async () => {
    const args = ['user', 'create', 'ada', '--email', 'ada@example.org', '--password-stdin'];
    const created = await spawnWwhd(args, { input: 'a-fine-Passphrase-7\n' });
    expect(created).toEqual({ code: 0, stdout: '', stderr: 'Created ada (user).\n' });
    expect(JSON.parse((await spawnWwhd(['user', 'list', '--json'])).stdout)).toMatchObject([
      { username: 'ada' },
    ]);
    expect(await spawnWwhd(['ipmort'])).toMatchObject({ code: 2, stdout: '' });
  });

  it('should list its commands and give an example with each', async () => {
    const { code, stdout } = await wwhd(['--help']);
    expect(code).toBe(0);
    const names = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1]);
    expect(names).toEqual([
      'serve',
      'ask',
      'import',
      'export',
      'user',
      'keys',
      'audit',
      'doctor',
      'eval',
      'reset',
      'help',
    ]);
    const helps = await Promise.all(names.slice(0, -1).map((name) => wwhd([name ?? '', '--help'])));
    for (const help of helps)
      expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining('Example:') });
  });

  it('should exit with 2 for wrong usage and suggest the nearest command', async () => {
    const unknown = await wwhd(['ipmort']);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('Did you mean import?');
    expect((await wwhd(['import'])).code).toBe(2);
    expect((await wwhd(['import', '--pdf-folder', '.', '--parallel', 'many'])).code).toBe(2);
    expect((await wwhd(['user', 'create', 'ada', '--email', 'a@example.org', '--role', 'king'])).code).toBe(
      2,
    );
  });

  it('should show the stack only with --verbose', async () => {
    const args = ['user', 'disable', 'nobody'];
    const short = await wwhd(args);
    expect(short.code).toBe(1);
    expect(short.stderr).toBe('No such user.\n');
    expect((await wwhd([...args, '--verbose'])).stderr).toMatch(/\n\s+at /);
  });

  it('should report a broken setting with its fix', async () => {
    const { code, stderr } = await wwhd(['user', 'list'], { env: { PORT: 'eighty' } });
    expect(code).toBe(1);
    expect(stderr).toContain('PORT: must be a whole number');
  });
});

describe('wwhd user', () => {
  it('should create, list, disable and enable accounts', async () => {
    expect(await create('ada', '--role', 'admin')).toMatchObject({
      code: 0,
      stderr: 'Created ada (admin).\n',
    });
    expect(await create('bob')).toMatchObject({ code: 0 });
    expect(await wwhd(['user', 'disable', 'bob'])).toMatchObject({ code: 0, stderr: 'bob is disabled.\n' });
    const list = await wwhd(['user', 'list', '--json']);
    const accounts = JSON.parse(list.stdout) as Record<string, unknown>[];
    expect(accounts).toMatchObject([
      { username: 'ada', email: 'ada@example.org', role: 'admin', is_active: true },
      { username: 'bob', role: 'user', is_active: false },
    ]);
    expect(list.stdout).not.toMatch(/hash|argon/i);
    expect((await wwhd(['user', 'enable', 'bob@example.org'])).code).toBe(0);
    expect((await wwhd(['user', 'list'])).stdout).toMatch(/bob .* user +active/);
  });

  it('should refuse a name that is taken, and take it with ensure', async () => {
    await create('ada');
    expect(await create('ada')).toMatchObject({ code: 1, stderr: expect.stringContaining('already') });
    const args = [
      'user',
      'ensure',
      'ada',
      '--email',
      'ada@example.org',
      '--role',
      'curator',
      '--password-stdin',
    ];
    const ensured = await wwhd(args, { input: 'a-fine-Passphrase-7' });
    expect(ensured).toMatchObject({ code: 0, stderr: 'Updated ada (curator).\n' });
  });

  it('should take no password that is weak, missing or on the command line', async () => {
    const args = ['user', 'create', 'ada', '--email', 'ada@example.org'];
    expect(await wwhd([...args, '--password-stdin'], { input: 'short' })).toMatchObject({ code: 2 });
    expect(await wwhd([...args, '--password-stdin'])).toMatchObject({ code: 2 });
    expect(await wwhd(args)).toMatchObject({ code: 2, stderr: expect.stringContaining('--password-stdin') });
    expect(await wwhd([...args, '--password', 'a-fine-Passphrase-7'])).toMatchObject({ code: 2 });
    expect((await wwhd(['user', 'list', '--json'])).stdout).toBe('[]\n');
  });
});

describe('wwhd reset', () => {
  it('should say what it would remove, and remove only that once it is confirmed', async () => {
    await create('ada');
    writeFileSync(join(folder, 'data', 'notes.txt'), 'mine');
    const asked = await wwhd(['reset']);
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain(join(folder, 'data', 'app.db'));
    expect(existsSync(join(folder, 'data', 'app.db'))).toBe(true);
    expect((await wwhd(['reset', '--confirm'])).code).toBe(0);
    expect(existsSync(join(folder, 'data', 'app.db'))).toBe(false);
    expect(existsSync(join(folder, 'data', 'notes.txt'))).toBe(true);
    expect(await wwhd(['reset', '--confirm'])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('no data'),
    });
  });

  it('should refuse while a server uses the data', async () => {
    await create('ada');
    const release = lockDataFolder(join(folder, 'data'));
    const { code, stderr } = await wwhd(['reset', '--confirm']);
    release();
    expect(code).toBe(1);
    expect(stderr).toContain('Another server');
    expect(existsSync(join(folder, 'data', 'app.db'))).toBe(true);
  });
});

describe('wwhd doctor', () => {
  type Line = { name: string; status: string; detail: string; fix?: string };
  const run = async (env: Record<string, string> = {}) => {
    const { code, stdout } = await wwhd(['doctor', '--json'], { env });
    return { code, lines: JSON.parse(stdout) as Line[] };
  };

  it('should find nothing wrong with a new installation', async () => {
    await create('ada');
    const { code, lines } = await run();
    expect(lines.filter(({ status }) => status === 'problem')).toEqual([]);
    expect(code).toBe(0);
    const names = lines.map(({ name }) => name);
    for (const name of [
      'runtime',
      'configuration',
      'data folder',
      'database',
      'schema',
      'index',
      'personas',
      'server',
    ])
      expect(names).toContain(name);
  });

  it('should exit with 1 and say what to do about a damaged database, a key or a pack', async () => {
    mkdirSync(join(folder, 'data'));
    writeFileSync(
      join(folder, 'data', 'app.db'),
      'this is no database, though it is long enough to be one'.repeat(9),
    );
    mkdirSync(join(folder, 'packs', 'broken'), { recursive: true });
    const env = { PERSONAS_DIR: './packs', OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' };
    const { code, lines } = await run(env);
    expect(code).toBe(1);
    const problems = lines.filter(({ status }) => status === 'problem');
    expect(new Set(problems.map(({ name }) => name))).toEqual(
      new Set(['database', 'personas', 'language model (openai)']),
    );
    for (const { fix } of problems) expect(fix).toBeTruthy();
  });

  it('should report every problem of the configuration', async () => {
    const { code, lines } = await run({ PORT: 'eighty', ALLOW_GUESTS: 'perhaps' });
    expect(code).toBe(1);
    expect(lines.filter(({ name }) => name === 'configuration')).toHaveLength(2);
  });
});

describe('wwhd import', () => {
  it('should list what it would do without a server or token', async () => {
    writeFileSync(join(folder, 'a.md'), '# Sitting');
    writeFileSync(join(folder, 'meta.json'), '{"videos":[{"filename":"gone.pdf"}]}');
    const args = ['import', '--pdf-folder', '.', '--metadata-file', 'meta.json', '--dry-run'];
    const { code, stdout, stderr } = await wwhd(args);
    expect(code).toBe(0);
    expect(stdout).toContain('1 file would go to "general"');
    expect(stderr).toContain('gone.pdf: is in the metadata');
    expect(stderr).toContain('a.md: has no metadata entry');
  });

  it('should ask for a token, and name the server that it cannot reach', async () => {
    writeFileSync(join(folder, 'a.md'), '# Sitting');
    const args = ['import', '--pdf-folder', '.'];
    expect(await wwhd(args)).toMatchObject({ code: 2, stderr: expect.stringContaining('WWHD_API_TOKEN') });
    const away = await wwhd([...args, '--api-url', 'http://127.0.0.1:1'], { env: { WWHD_API_TOKEN: 'x' } });
    expect(away).toMatchObject({ code: 1, stderr: expect.stringContaining('http://127.0.0.1:1') });
  });
});

describe('wwhd ask', () => {
  it('should not fall back to this process when a server was named', async () => {
    const { code, stderr } = await wwhd(['ask', 'How?', '--api-url', 'http://127.0.0.1:1']);
    expect(code).toBe(1);
    expect(stderr).toContain('Cannot reach http://127.0.0.1:1');
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it('should refuse an address that is none', async () => {
    expect((await wwhd(['ask', 'How?', '--api-url', 'localhost:8000'])).code).toBe(2);
  });
});

describe('wwhd user reset-second-factor', () => {
  it('should say whether there was one, and of nobody that there is nobody', async () => {
    await create('ada');
    expect(await wwhd(['user', 'reset-second-factor', 'ada'])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('ada has no second factor') as unknown,
    });
    expect((await wwhd(['user', 'reset-second-factor', 'nobody'])).code).toBe(1);
  });
});

describe('wwhd keys', () => {
  it('should list and rotate the keys of tokens without showing them', async () => {
    const list = async () =>
      JSON.parse((await wwhd(['keys', 'list', '--json'])).stdout) as { id: string; isSigning: boolean }[];
    const [first] = await list();
    const rotated = await wwhd(['keys', 'rotate']);
    expect([rotated.code, rotated.stderr]).toEqual([0, expect.stringContaining('Restart the server')]);
    const after = await list();
    expect(after.map((key) => key.isSigning)).toEqual([true, false]);
    expect(after[1]?.id).toBe(first?.id);
    expect(await wwhd(['keys', 'rotate'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--force') as unknown,
    });
    expect((await wwhd(['keys', 'rotate', '--force'])).code).toBe(0);
    const secret = readFileSync(join(folder, 'data', 'jwt-secret'), 'utf8').split(' ')[0] ?? '';
    expect((await wwhd(['keys', 'list'])).stdout).not.toContain(secret);
  });

  it('should say how a configured secret is rotated', async () => {
    const env = { JWT_SECRET: '6f1d'.repeat(16) };
    expect(await wwhd(['keys', 'rotate'], { env })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('JWT_SECRET_PREVIOUS') as unknown,
    });
  });
});
