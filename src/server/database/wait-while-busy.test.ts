import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';

import { AppError } from '../errors.ts';
import { openDatabase } from './open-database.ts';
import { translateSqliteError } from './translate-sqlite-error.ts';
import { waitWhileBusy } from './wait-while-busy.ts';

const busy = () => Object.assign(new Error('database is locked'), { errcode: 5 });
const insert = (key: string) => ({ key, value: 'v' });

async function open() {
  const folder = mkdtempSync(join(tmpdir(), 'wwhd-busy-'));
  const path = join(folder, 'app.db');
  const opened = await openDatabase({ path, isServer: false, now: () => new Date(0) });
  onTestFinished(async () => {
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { database: opened.database, path };
}

describe('waitWhileBusy', () => {
  it('should run a statement again until the lock is free', async () => {
    let failures = 3;
    const waits: number[] = [];
    const result = await waitWhileBusy(
      () => {
        if (failures > 0) {
          failures -= 1;
          throw busy();
        }
        return 'done';
      },
      { limitMs: 1_000, wait: async (delayMs) => void waits.push(delayMs) },
    );
    expect(result).toBe('done');
    expect(waits).toHaveLength(3);
  });

  it('should give up after the limit with a 503 that says what to do', async () => {
    let waitedMs = 0;
    const attempt = waitWhileBusy(
      () => {
        throw busy();
      },
      { limitMs: 100, wait: async (delayMs) => void (waitedMs += delayMs) },
    );
    await expect(attempt).rejects.toMatchObject({ code: 'unavailable', status: 503 });
    expect(waitedMs).toBe(100);
  });

  it('should not run a statement again that fails otherwise', async () => {
    let runs = 0;
    const attempt = waitWhileBusy(
      () => {
        runs += 1;
        throw new TypeError('a bug');
      },
      { limitMs: 100, wait: async () => undefined },
    );
    await expect(attempt).rejects.toThrow(TypeError);
    expect(runs).toBe(1);
  });

  it('should let reads through and write as soon as another program lets go', async () => {
    const { database, path } = await open();
    const other = new DatabaseSync(path);
    other.exec('begin immediate');
    let isWritten = false;
    const write = async () => {
      await database
        .transaction()
        .execute((transaction) => transaction.insertInto('settings').values(insert('a')).execute());
      isWritten = true;
    };
    const writing = write();
    expect(await database.selectFrom('settings').select('key').execute()).toEqual([]);
    expect(isWritten).toBe(false);
    other.exec('commit');
    other.close();
    await writing;
    expect(await database.selectFrom('settings').select('key').execute()).toEqual([{ key: 'a' }]);
  });
});

describe('a full disk', () => {
  it('should be told as what it is, keep nothing of the transaction, and pass when space is back', async () => {
    const { database } = await open();
    const pages = await sql<{ pageCount: number }>`pragma page_count`.execute(database);
    await sql`pragma max_page_count = ${sql.lit(pages.rows[0]?.pageCount ?? 0)}`.execute(database);
    const value = 'v'.repeat(100_000);
    const attempt = () =>
      database.transaction().execute(async (transaction) => {
        await transaction.insertInto('settings').values(insert('small')).execute();
        await transaction.insertInto('settings').values({ key: 'large', value }).execute();
      });
    await expect(attempt()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/disk.*full/) as string,
    });
    expect(await database.selectFrom('settings').select('key').execute()).toEqual([]);
    await sql`pragma max_page_count = 1000000`.execute(database);
    await attempt();
    expect(await database.selectFrom('settings').select('key').execute()).toHaveLength(2);
  });
});

describe('translateSqliteError', () => {
  it('should leave what is our own fault as it is', () => {
    const constraint = Object.assign(new Error('UNIQUE constraint failed'), { errcode: 2067 });
    expect(translateSqliteError(constraint)).toBe(constraint);
    const bug = new Error('a bug');
    expect(translateSqliteError(bug)).toBe(bug);
  });

  it.each([5, 6, 8, 10, 13, 14, 0x0a | (3 << 8)])(
    'should explain result code %i and keep the cause',
    (errcode) => {
      const error = Object.assign(new Error('vendor text'), { errcode });
      const told = translateSqliteError(error);
      expect(told).toBeInstanceOf(AppError);
      expect(told).toMatchObject({ code: 'unavailable', cause: error });
      expect((told as AppError).message).not.toContain('vendor text');
    },
  );
});
