import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sql } from 'kysely';
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';

import { openDatabase, type OpenedDatabase } from './open-database.ts';

async function open(kind: 'file' | 'memory'): Promise<OpenedDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'wwhd-dialect-'));
  const path = kind === 'file' ? join(folder, 'app.db') : ':memory:';
  const opened = await openDatabase({ path, isServer: false, now: () => new Date(0) });
  onTestFinished(async () => {
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return opened;
}

const put = (opened: OpenedDatabase['database'], key: string) =>
  opened.insertInto('settings').values({ key, value: key }).execute();
const keys = async (database: OpenedDatabase['database']) =>
  (await database.selectFrom('settings').select('key').orderBy('key').execute()).map((row) => row.key);

describe.each(['file', 'memory'] as const)('the SQLite dialect on a %s', (kind) => {
  it('should run transactions in the order in which they were begun', async () => {
    const { database } = await open(kind);
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        database.transaction().execute(async (transaction) => {
          await put(transaction, `k${index}`);
          await Promise.resolve();
          order.push(index);
        }),
      ),
    );
    expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  it('should show nothing of a transaction that fails, and go on', async () => {
    const { database } = await open(kind);
    const failing = database.transaction().execute(async (transaction) => {
      await put(transaction, 'lost');
      throw new Error('no');
    });
    const other = put(database, 'kept');
    await expect(failing).rejects.toThrow('no');
    await other;
    expect(await keys(database)).toEqual(['kept']);
  });

  it('should end a transaction whose statement fails and let the next one in', async () => {
    const { database } = await open(kind);
    await put(database, 'a');
    await expect(database.transaction().execute((transaction) => put(transaction, 'a'))).rejects.toThrow(
      /UNIQUE/,
    );
    await put(database, 'b');
    expect(await keys(database)).toEqual(['a', 'b']);
  });

  it('should read its own writes at once', async () => {
    const { database } = await open(kind);
    for (const key of ['a', 'b', 'c']) {
      await put(database, key);
      expect(await keys(database)).toContain(key);
    }
    expect(
      (await sql<{ count: number }>`select count(*) as count from settings`.execute(database)).rows[0]?.count,
    ).toBe(3);
  });

  it('should keep every write of any mix of statements and transactions', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 30 }), async (plan) => {
        const { database, close } = await openDatabase({
          path: ':memory:',
          isServer: false,
          now: () => new Date(0),
        });
        await Promise.all(
          plan.map((isTransaction, index) =>
            isTransaction
              ? database.transaction().execute((transaction) => put(transaction, `k${index}`))
              : put(database, `k${index}`),
          ),
        );
        expect(await keys(database)).toHaveLength(plan.length);
        await close();
      }),
      { numRuns: 20 },
    );
  });
});

describe('the SQLite dialect on a file', () => {
  it('should answer reads while a transaction is open, from before it', async () => {
    const { database } = await open('file');
    await put(database, 'before');
    await database.transaction().execute(async (transaction) => {
      await put(transaction, 'inside');
      expect(await keys(database)).toEqual(['before']);
      expect(await keys(transaction)).toEqual(['before', 'inside']);
    });
    expect(await keys(database)).toEqual(['before', 'inside']);
  });
});
