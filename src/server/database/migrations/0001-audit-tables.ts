import { type Kysely, sql } from 'kysely';

import type { DialectTypes } from '../dialect.ts';

/** The audit log, its signed checkpoints, and the triggers that keep it append-only. */
export async function createAuditTables(database: Kysely<unknown>, types: DialectTypes): Promise<void> {
  const { schema } = database;
  await schema
    .createTable('audit_log')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('user_id', 'integer')
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('object_type', 'text')
    .addColumn('object_id', 'text')
    .addColumn('address', 'text')
    .addColumn('outcome', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .execute();
  await schema
    .createTable('audit_checkpoints')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('last_id', 'integer', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('key_id', 'text', (c) => c.notNull())
    .addColumn('signature', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('audit_checkpoints_pk', ['kind', 'last_id'])
    .execute();
  await schema.createIndex('audit_log_time').on('audit_log').column('created_at').execute();
  for (const statement of types.appendOnlyTriggers({
    table: 'audit_log',
    mayRemove: "exists (select 1 from audit_checkpoints where kind = 'purge' and last_id >= old.id)",
  }))
    await sql.raw(statement).execute(database);
}
