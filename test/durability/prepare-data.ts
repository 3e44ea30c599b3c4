import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { buildApp } from '../../src/server/app.ts';
import { loadConfig } from '../../src/server/config.ts';
import { createLogger } from '../../src/server/http/create-logger.ts';
import { serverSettings } from './start-server.ts';

export type PreparedData = {
  /** Ids of the documents that are searchable in each copy. */
  documentIds: number[];
  /** Access token of a curator, good for every server with the same secret. */
  token: string;
  /** Makes a data folder of its own, which `remove` takes away with the others. */
  copy: (name: string) => string;
  remove: () => void;
};

/** A text about meditation that differs from number to number and is long enough for several passages. */
export function textOf(number: number): string {
  const steps = Array.from(
    { length: 12 },
    (_, step) =>
      `Step ${step + 1} of lesson ${number}: sit upright, count the breath to ${step + 3}, and begin again when the mind wanders. ` +
      `Beginners who meditate each morning for ${number + step + 2} minutes find that the habit grows by itself. `,
  );
  return `# Meditation lesson ${number}\n\nHow to begin to meditate, told for group ${number}.\n\n${steps.join('\n\n')}\n`;
}

/** A data folder with a curator and some indexed documents, made once and copied for each case. */
export async function prepareData(documents = 3): Promise<PreparedData> {
  const folder = mkdtempSync(join(tmpdir(), 'wwhd-durability-'));
  const base = join(folder, 'base');
  const config = loadConfig({ env: { ...serverSettings, DATA_DIR: base }, baseFolder: folder });
  const logger = createLogger({ level: 'silent', isPretty: false });
  const wwhd = await buildApp({ config, logger, isServer: true });
  const curator = await wwhd.accounts.users.createUser({
    username: 'curator',
    email: 'curator@example.org',
    password: 'a-fine-Passphrase-7',
    role: 'admin',
  });
  const { accessToken: token } = await wwhd.accounts.sessions.open(curator, null);
  const documentIds: number[] = [];
  for (let number = 1; number <= documents; number += 1) {
    const response = await wwhd.app.inject({
      method: 'POST',
      url: '/api/v1/documents/',
      headers: { authorization: `Bearer ${token}` },
      payload: { namespace: 'meditation', title: `Lesson ${number}`, content: textOf(number) },
    });
    documentIds.push(response.json<{ id: number }>().id);
  }
  await wwhd.whenIngested();
  await wwhd.close();
  let count = 0;
  return {
    documentIds,
    token,
    copy(name) {
      const target = join(folder, `${name}-${(count += 1)}`);
      cpSync(base, target, { recursive: true });
      return target;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
