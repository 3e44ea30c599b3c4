import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { migrate } from './migrate.ts';
import { openDatabase, reserveIds } from './open-database.ts';
import { isNetworkFileSystem, sqliteTypes } from './sqlite.ts';

let folder: string;
const now = () => new Date('2026-01-02T03:04:05Z');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wwhd-database-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('openDatabase', () => {
  it('should migrate an empty file and find nothing to do the second time', async () => {
    const path = join(folder, 'app.db');
    const first = await openDatabase({ path, isServer: true, now });
    expect(first.migrated).toContain('0001-create-schema');
    await first.close();
    const second = await openDatabase({ path, isServer: true, now });
    expect(second.migrated).toEqual([]);
    await second.ping();
    await second.close();
  });

  it('should keep a second server out and name the fix', async () => {
    const path = join(folder, 'app.db');
    const first = await openDatabase({ path, isServer: true, now });
    await expect(openDatabase({ path, isServer: true, now })).rejects.toThrow(/Another server.*DATA_DIR/);
    const tool = await openDatabase({ path, isServer: false, now });
    await tool.close();
    await first.close();
    const again = await openDatabase({ path, isServer: true, now });
    await again.close();
  });

  it('should refuse a path that cannot be written in one clear line', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(
      openDatabase({ path: join(folder, 'file', 'app.db'), isServer: false, now }),
    ).rejects.toThrow(/Cannot open the database .*app\.db.*DATA_DIR/);
  });

  it.skipIf(process.getuid?.() === 0)('should refuse a read-only folder', async () => {
    chmodSync(folder, 0o500);
    await expect(openDatabase({ path: join(folder, 'app.db'), isServer: false, now })).rejects.toThrow(
      /writable/,
    );
  });

  it('should refuse a schema from the future', async () => {
    const opened = await openDatabase({ path: join(folder, 'app.db'), isServer: false, now });
    const migrations = [{ name: '0000-other', up: async () => {} }];
    await expect(migrate({ database: opened.database, types: sqliteTypes, now, migrations })).rejects.toThrow(
      /newer version/,
    );
    await opened.close();
  });

  it('should undo a transaction as a whole', async () => {
    const { database, close } = await openDatabase({ path: ':memory:', isServer: false, now });
    const failing = database.transaction().execute(async (transaction) => {
      await transaction.insertInto('settings').values({ key: 'a', value: '1' }).execute();
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await database.selectFrom('settings').selectAll().execute()).toEqual([]);
    await close();
  });
});

describe('reserveIds', () => {
  it('should hand out ranges that never overlap', async () => {
    const { database, close } = await openDatabase({ path: ':memory:', isServer: false, now });
    const starts = await Promise.all(
      [3, 1, 5].map((count) => reserveIds(database, { name: 'passages', count })),
    );
    expect(starts.toSorted((a, b) => a - b)).toEqual([1, 4, 5]);
    await close();
  });
});

describe('isNetworkFileSystem', () => {
  it.each([
    [0x6969, true],
    [0xff534d42 | 0, true],
    [0xef53, false],
  ])('should judge the file system type %s as %s', (type, expected) => {
    const statfs = (() => ({ type })) as never;
    expect(isNetworkFileSystem('/x', statfs)).toBe(expected);
  });
});
