import { type Kysely, sql } from 'kysely';

import { AppError } from '../errors.ts';
import type { DialectTypes } from './dialect.ts';
import { type Migration, migrations as allMigrations } from './migrations/migrations.ts';
import type { Tables } from './tables.ts';

type MigrationRow = { name: string; appliedAt: string };

/**
 * Brings the schema to the newest version, each migration in a transaction of its own; forward only.
 * @returns names of the migrations that ran, in order
 * @throws AppError `unavailable` when the database was written by a newer version of the program
 */
export async function migrate(options: {
  database: Kysely<Tables>;
  types: DialectTypes;
  now: () => Date;
  migrations?: readonly Migration[];
}): Promise<string[]> {
  const { database, types, now, migrations = allMigrations } = options;
  await sql`create table if not exists schema_migrations (name text primary key, applied_at text not null)`.execute(
    database,
  );
  const { rows } =
    await sql<MigrationRow>`select name, applied_at from schema_migrations order by name`.execute(database);
  const applied = new Set(rows.map((row) => row.name));
  const unknown = [...applied].filter((name) => !migrations.some((migration) => migration.name === name));
  if (unknown.length > 0) {
    throw new AppError(
      'unavailable',
      `The database was written by a newer version (it has ${unknown.join(', ')}). Start that version, or restore an older backup.`,
    );
  }
  const pending = migrations.filter((migration) => !applied.has(migration.name));
  for (const migration of pending) {
    await database.transaction().execute(async (transaction) => {
      await migration.up(transaction as unknown as Kysely<unknown>, types);
      await sql`insert into schema_migrations (name, applied_at) values (${migration.name}, ${now().toISOString()})`.execute(
        transaction,
      );
    });
  }
  return pending.map((migration) => migration.name);
}
