import { dirname } from 'node:path';

import { type Kysely, sql } from 'kysely';

import { migrate } from './migrate.ts';
import { lockDataFolder, openSqlite, sqliteTypes } from './sqlite.ts';
import type { Tables } from './tables.ts';

export type OpenedDatabase = {
  database: Kysely<Tables>;
  /** Migrations that ran while opening. */
  migrated: string[];
  isNetworkFileSystem: boolean;
  /** Removes what was deleted from the files beside the database too. @returns false while a reader still needs it */
  purgeDeleted: () => Promise<boolean>;
  /** Answers within the caller's patience whether the database can be read. */
  ping: () => Promise<void>;
  close: () => Promise<void>;
};

/**
 * Opens the database of an installation, locks it for this server when asked to, and migrates it.
 * @param options.path absolute path of the SQLite file, or `:memory:`
 * @param options.isServer takes the lock that keeps a second server out; the CLI's short writes go without
 * @throws AppError `unavailable` with the fix
 */
export async function openDatabase(options: {
  path: string;
  isServer: boolean;
  now: () => Date;
}): Promise<OpenedDatabase> {
  const { path, isServer, now } = options;
  const release = isServer && path !== ':memory:' ? lockDataFolder(dirname(path)) : () => {};
  try {
    const { database, isNetwork } = openSqlite(path);
    const migrated = await migrate({ database, types: sqliteTypes, now });
    return {
      database,
      migrated,
      isNetworkFileSystem: isNetwork,
      purgeDeleted: async () => {
        // Deleted pages are overwritten (secure_delete), but the write-ahead log keeps earlier copies of them.
        const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(database);
        return rows[0]?.busy === 0;
      },
      ping: async () => void (await sql`select 1`.execute(database)),
      close: async () => {
        await database.destroy();
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Reserves `count` consecutive ids of a named sequence, so that rows can be prepared before they are inserted.
 * @returns the first id
 */
export async function reserveIds(
  database: Kysely<Tables>,
  options: { name: 'passages'; count: number },
): Promise<number> {
  const { name, count } = options;
  const row = await database
    .insertInto('sequences')
    .values({ name, nextValue: 1 + count })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((eb) => ({ nextValue: eb('sequences.nextValue', '+', count) })),
    )
    .returning('nextValue')
    .executeTakeFirstOrThrow();
  return Number(row.nextValue) - count;
}
