import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import type { Config } from '../server/config.ts';
import { lockDataFolder } from '../server/database/sqlite.ts';
import { type CommandContext, exitCodes, readConfig } from './command-context.ts';

/** What the server keeps in its data folder besides the database. */
const OWN_ENTRIES = ['blobs', 'cache', 'jwt-secret'];
const DATABASE_SUFFIXES = ['', '-wal', '-shm', '-journal'];

/**
 * Removes what the server keeps in its data folder; other files there stay.
 * @returns the exit code: 2 without confirmation
 * @throws AppError `unavailable` while a server uses the data
 */
export function runReset(context: CommandContext, options: { isConfirmed: boolean }): number {
  const { terminal } = context;
  const { data } = readConfig(context);
  const paths = listOwnPaths(data);
  if (paths.length === 0) {
    terminal.say(`There is no data in ${data.folder}.`);
    return exitCodes.ok;
  }
  const list = paths.map((path) => `  ${path}${sizeOf(path)}`).join('\n');
  if (!options.isConfirmed) {
    terminal.say(`This would remove for good:\n${list}\nAdd --confirm to do it.`);
    return exitCodes.usage;
  }
  // A server must neither run on this data nor start on it half removed.
  const release = lockDataFolder(dirname(data.databasePath));
  try {
    for (const path of paths) rmSync(path, { recursive: true, force: true });
  } finally {
    release();
  }
  rmSync(join(dirname(data.databasePath), 'server.lock'), { force: true });
  terminal.say(`Removed:\n${list}`);
  return exitCodes.ok;
}

function listOwnPaths(data: Config['data']): string[] {
  const database = DATABASE_SUFFIXES.map((suffix) => `${data.databasePath}${suffix}`);
  return [...database, ...OWN_ENTRIES.map((name) => join(data.folder, name))].filter((path) =>
    existsSync(path),
  );
}

function sizeOf(path: string): string {
  const stat = statSync(path);
  if (!stat.isDirectory()) return ` (${stat.size} bytes)`;
  const count = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  ).length;
  return ` (folder ${basename(path)} with ${count} ${count === 1 ? 'file' : 'files'})`;
}
