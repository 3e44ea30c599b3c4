import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createTestClock } from '../../../../test/build-app.ts';
import { type OpenedDatabase, openDatabase } from '../../database/open-database.ts';
import { symmetricKey } from '../accounts/keys/signing-keys.ts';
import { deriveAuditKeys } from './audit-chain.ts';
import { createAuditLog } from './create-audit-log.ts';
import { purgeExpired } from './purge-expired.ts';

const SECRET = 'a1b2'.repeat(16);
const ROWS = 12;

let opened: OpenedDatabase;
const clock = createTestClock();
const keysOf = ([first, ...older]: readonly [string, ...string[]]) =>
  deriveAuditKeys([symmetricKey(first), ...older.map(symmetricKey)]);
const openLog = (secrets: readonly [string, ...string[]] = [SECRET]) =>
  createAuditLog({
    database: opened.database,
    keys: keysOf(secrets),
    now: clock.now,
    checkpointEvery: 4,
  });

beforeEach(async () => {
  opened = await openDatabase({ path: ':memory:', isServer: false, now: clock.now });
});
afterEach(async () => opened.close());

async function fill(rows = ROWS) {
  const log = openLog();
  for (let index = 1; index <= rows; index++) {
    clock.advance(86_400_000);
    await log.record({
      userId: index % 3,
      action: index % 2 === 0 ? 'document-add' : 'sign-in',
      outcome: 'done',
      object: { type: 'document', id: index },
      address: '192.0.2.9',
    });
  }
  return log;
}

/** Changes the file as someone could who holds it: without the triggers. */
async function tamper(statement: string) {
  await sql.raw('drop trigger if exists audit_log_no_update').execute(opened.database);
  await sql.raw('drop trigger if exists audit_log_no_delete').execute(opened.database);
  await sql.raw(statement).execute(opened.database);
}

describe('the audit log', () => {
  it('should hold entries in order, newest first, page after page', async () => {
    const log = await fill();
    const first = await log.list({ limit: 5 });
    expect(first.entries.map(({ id }) => id)).toEqual([12, 11, 10, 9, 8]);
    const second = await log.list({ limit: 7, before: first.next_cursor ?? 0 });
    expect(second).toMatchObject({ next_cursor: null, entries: { length: 7 } });
    expect(second.entries[0]).toMatchObject({ id: 7, address: '192.0.2.0/24', object_id: '7' });
    expect((await log.list({ limit: 50, action: 'sign-in', userId: 1 })).entries.map(({ id }) => id)).toEqual(
      [7, 1],
    );
  });

  it('should be intact when nobody touched it', async () => {
    expect(await openLog().verify()).toMatchObject({ isIntact: true, rows: 0 });
    expect(await (await fill()).verify()).toMatchObject({
      isIntact: true,
      rows: ROWS,
      firstId: 1,
      lastId: ROWS,
    });
  });

  it('should refuse changes and removals in the database itself', async () => {
    await fill();
    await expect(sql`update audit_log set user_id = 9`.execute(opened.database)).rejects.toThrow(
      'append-only',
    );
    await expect(sql`delete from audit_log where id = 1`.execute(opened.database)).rejects.toThrow(
      'append-only',
    );
  });

  it.each(Array.from({ length: ROWS }, (_, index) => index + 1))(
    'should notice that row %i is missing',
    async (id) => {
      const log = await fill();
      await tamper(`delete from audit_log where id = ${id}`);
      expect((await log.verify()).isIntact).toBe(false);
    },
  );

  it.each([
    ['user_id', '77'],
    ['action', "'sign-out'"],
    ['outcome', "'refused'"],
    ['object_id', "'77'"],
    ['object_type', 'null'],
    ['address', "'198.51.100.0/24'"],
    ['created_at', "'2020-01-01T00:00:00.000Z'"],
    ['hash', "'00'"],
  ])('should notice a changed %s in any row', async (column, value) => {
    for (const id of [1, 5, ROWS]) {
      const log = await fill();
      await tamper(`update audit_log set ${column} = ${value} where id = ${id}`);
      const report = await log.verify();
      expect(report.isIntact, `row ${id}`).toBe(false);
      await opened.close();
      opened = await openDatabase({ path: ':memory:', isServer: false, now: clock.now });
    }
  });

  it('should notice a chain that was computed anew without the key', async () => {
    const log = await fill();
    const forger = createAuditLog({
      database: opened.database,
      keys: keysOf(['another secret']),
      now: clock.now,
    });
    await tamper('delete from audit_log');
    await sql`delete from audit_checkpoints`.execute(opened.database);
    await forger.record({ userId: 1, action: 'sign-in', outcome: 'done' });
    expect((await log.verify()).problems.join()).toContain('not signed by a key of this server');
  });

  it('should notice that its beginning was cut off as if it had been purged', async () => {
    const log = await fill();
    await tamper('delete from audit_log where id <= 4');
    await sql`update audit_checkpoints set kind = 'purge' where kind = 'interval' and last_id = 4`.execute(
      opened.database,
    );
    expect((await log.verify()).isIntact).toBe(false);
  });

  it('should go on after the secret was changed while the old one is known', async () => {
    await fill();
    const rotated = openLog(['f0e1'.repeat(16), SECRET]);
    await rotated.record({ userId: null, action: 'settings-change', outcome: 'done' });
    expect(await rotated.verify()).toMatchObject({ isIntact: true, rows: ROWS + 1 });
    const alone = openLog(['f0e1'.repeat(16)]);
    expect((await alone.verify()).isIntact).toBe(false);
    expect(await rotated.renewSignatures()).toBeGreaterThan(0);
    expect(await rotated.renewSignatures()).toBe(0);
    expect((await alone.verify()).isIntact).toBe(true);
  });

  it('should stay one chain when many write at once', async () => {
    const logs = [openLog(), openLog()];
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        (logs[index % 2] ?? openLog()).record({ userId: index, action: 'sign-in', outcome: 'refused' }),
      ),
    );
    expect(await openLog().verify()).toMatchObject({ isIntact: true, rows: 40 });
  });
});

describe('purgeExpired', () => {
  const purge = (auditDays: number) =>
    purgeExpired({
      database: opened.database,
      audit: openLog(),
      retention: { messageDays: 0, usageDays: 0, auditDays },
      now: clock.now,
    });

  it('should leave a log that can be verified, again and again', async () => {
    const log = await fill();
    expect(await purge(6)).toMatchObject({ auditRows: 5 });
    expect(await log.verify()).toMatchObject({ isIntact: true, firstId: 6, lastId: 13 });
    clock.advance(3 * 86_400_000);
    await purge(6);
    expect((await log.verify()).isIntact).toBe(true);
    clock.advance(400 * 86_400_000);
    await purge(6);
    await log.record({ userId: 1, action: 'sign-in', outcome: 'done' });
    expect(await log.verify()).toMatchObject({ isIntact: true, problems: [] });
  });

  it('should still show a removal by hand afterwards', async () => {
    const log = await fill();
    await purge(6);
    await tamper('delete from audit_log where id = 6');
    expect((await log.verify()).isIntact).toBe(false);
  });

  it('should keep everything when retention is off', async () => {
    await fill();
    clock.advance(4_000 * 86_400_000);
    expect(await purge(0)).toEqual({ chats: 0, usageRows: 0, auditRows: 0 });
  });
});
