import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Readable } from 'node:stream';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { runCli } from './run-cli.ts';
import { createTerminal } from './terminal.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wwhd-audit-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function wwhd(args: string[], input: string[] = []) {
  let output = '';
  const write = { write: (text: string) => (output += text) };
  const terminal = createTerminal({ stdout: write, stderr: write, hasColour: false });
  const stdin = Readable.from(input) as unknown as NodeJS.ReadStream;
  const environment = { DATA_DIR: folder };
  const code = await runCli({
    args,
    context: { terminal, environment, folder, stdin, now: () => new Date() },
  });
  return { code, output };
}

describe('wwhd audit', () => {
  it('should show what the command line did to accounts, and notice when someone edits the file', async () => {
    const made = await wwhd(
      ['user', 'create', 'maria', '--email', 'maria@example.org', '--password-stdin'],
      ['a-fine-Passphrase-7'],
    );
    expect(made.code).toBe(0);
    await wwhd(['user', 'disable', 'maria']);
    const listed = await wwhd(['audit', 'list', '--json']);
    expect(JSON.parse(listed.output)).toMatchObject([
      { action: 'account-disable', object_type: 'user', address: 'local', user_id: null },
      { action: 'account-create' },
    ]);
    expect((await wwhd(['audit', 'list', '--action', 'account-create'])).output).not.toContain('disable');
    expect(await wwhd(['audit', 'verify'])).toMatchObject({
      code: 0,
      output: expect.stringContaining('1 to 2'),
    });

    const file = new DatabaseSync(join(folder, 'app.db'));
    file.exec("drop trigger audit_log_no_update; update audit_log set action = 'sign-in' where id = 2");
    file.close();
    const after = await wwhd(['audit', 'verify', '--json']);
    expect(after.code).toBe(1);
    expect(JSON.parse(after.output)).toMatchObject({ isIntact: false });
  });

  it.each([
    ['--limit', '0'],
    ['--before', 'x'],
    ['--action', 'coffee'],
  ])('should refuse %s %s', async (option, value) => {
    expect((await wwhd(['audit', 'list', option, value])).code).toBe(2);
  });
});
