import { mkdirSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { CamelCasePlugin, Kysely } from 'kysely';

import { AppError } from '../errors.ts';
import type { DialectTypes } from './dialect.ts';
import { createNodeSqliteDialect } from './sqlite-dialect.ts';
import type { Tables } from './tables.ts';

const BUSY_TIMEOUT_MS = 5_000;
/** SQLite waits in the thread; after this little the wait goes on without blocking the answers that are being sent. */
const BLOCKING_TIMEOUT_MS = 5;
/** Magic numbers of statfs(2) for file systems where shared memory of WAL does not work: NFS (also EFS), SMB, CIFS. */
const NETWORK_FILE_SYSTEMS = new Set([0x6969, 0x517b, 0xfe534d42, 0xff534d42]);

export const sqliteTypes: DialectTypes = {
  id: 'integer',
  idOptions: (column) => column.primaryKey().autoIncrement(),
  bytes: 'blob',
  float: 'real',
  appendOnlyTriggers: ({ table, mayRemove }) => [
    `create trigger ${table}_no_update before update on ${table} begin select raise(abort, '${table} is append-only'); end`,
    `create trigger ${table}_no_delete before delete on ${table} when not ${mayRemove} begin select raise(abort, '${table} is append-only'); end`,
  ],
};

/** Whether a folder is on a network file system; unknown platforms count as local. */
export function isNetworkFileSystem(folder: string, statfs: typeof statfsSync = statfsSync): boolean {
  try {
    return NETWORK_FILE_SYSTEMS.has(Number(statfs(folder).type) >>> 0);
  } catch {
    // A platform without statfs tells nothing; the local default is the common case.
    return false;
  }
}

/**
 * Opens (or creates) the SQLite file with the settings that keep acknowledged data: WAL and `synchronous=FULL` on a
 * local disk, TRUNCATE and FULL on a network file system.
 * @throws AppError `unavailable` naming the path and the fix when the folder or file cannot be written
 */
export function openSqlite(path: string): {
  database: Kysely<Tables>;
  raw: DatabaseSync;
  isNetwork: boolean;
} {
  const raw = openFile(path);
  const isNetwork = path !== ':memory:' && isNetworkFileSystem(dirname(path));
  raw.exec(`pragma journal_mode = ${isNetwork ? 'truncate' : 'wal'}`);
  raw.exec('pragma synchronous = full; pragma foreign_keys = on; pragma secure_delete = on;');
  raw.exec('pragma cache_size = -16000; pragma temp_store = memory;');
  raw.exec(`pragma busy_timeout = ${BLOCKING_TIMEOUT_MS}`);
  const database = new Kysely<Tables>({
    dialect: createNodeSqliteDialect({
      writer: raw,
      ...(isNetwork ? {} : openReader(path)),
      busyTimeoutMs: BUSY_TIMEOUT_MS,
    }),
    plugins: [new CamelCasePlugin()],
  });
  return { database, raw, isNetwork };
}

/** A second connection needs a file, and shared memory that network file systems do not have. */
function openReader(path: string): { reader?: DatabaseSync } {
  if (path === ':memory:') return {};
  const reader = new DatabaseSync(path, { readOnly: true, timeout: BLOCKING_TIMEOUT_MS });
  reader.exec('pragma cache_size = -8000; pragma temp_store = memory;');
  return { reader };
}

function openFile(path: string): DatabaseSync {
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
    const raw = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    // A read-only or full disk shows itself only at the first write.
    raw.exec(
      'begin immediate; create table if not exists write_probe (n integer); drop table write_probe; commit;',
    );
    return raw;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError(
      'unavailable',
      `Cannot open the database ${path}: ${reason}. Make the folder writable and check free space, or set DATA_DIR to another folder.`,
      { cause },
    );
  }
}

function openLock(folder: string): DatabaseSync {
  try {
    mkdirSync(folder, { recursive: true });
    return new DatabaseSync(join(folder, 'server.lock'), { timeout: 0 });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError(
      'unavailable',
      `Cannot use the data folder ${folder}: ${reason}. Make it a folder that this user can write to, or set DATA_DIR to another one.`,
      { cause },
    );
  }
}

/**
 * Keeps a second server off the same data: an exclusive transaction on a database of its own, which the kernel frees
 * even on kill -9.
 * @returns a function that releases the lock
 * @throws AppError `unavailable` when another server holds it, or when the folder cannot be written
 */
export function lockDataFolder(folder: string): () => void {
  const lock = openLock(folder);
  try {
    lock.exec('pragma journal_mode = delete; begin exclusive;');
  } catch (cause) {
    lock.close();
    throw new AppError(
      'unavailable',
      `Another server already uses the data in ${folder}. Stop it first, or set DATA_DIR to another folder.`,
      { cause },
    );
  }
  return () => lock.close();
}
