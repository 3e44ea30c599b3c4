import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';

import type { Tables } from '../../../database/tables.ts';
import type { User } from '../accounts-store.ts';
import { type PersonalTable, personalTables } from './personal-tables.ts';

export type PersonalData = {
  exported_at: string;
  account: Record<string, unknown>;
  /** Rows by table, as they are stored, but for hashes and secrets. */
  tables: Record<string, Record<string, unknown>[]>;
};
type Row = Record<string, unknown>;

/** Everything that is held about a user (GDPR, article 15 and 20), read in one transaction. */
export function exportUser(options: {
  database: Kysely<Tables>;
  user: User;
  now: Date;
}): Promise<PersonalData> {
  const { database, user, now } = options;
  return database.transaction().execute(async (transaction) => {
    const tables: PersonalData['tables'] = {};
    for (const [name, table] of Object.entries(personalTables) as [keyof Tables, PersonalTable][]) {
      const rows = await rowsOf(transaction, { name, table, userId: user.id });
      tables[toSnake(name)] = rows.map((row) => present(row, table.hidden ?? []));
    }
    return { exported_at: now.toISOString(), account: present({ ...user }, ['passwordHash']), tables };
  });
}

function rowsOf(
  database: Kysely<Tables>,
  options: { name: keyof Tables; table: PersonalTable; userId: number },
): Promise<Row[]> {
  const { name, table, userId } = options;
  const { path } = table;
  const all = database.selectFrom(name).selectAll() as unknown as SelectQueryBuilder<Tables, never, Row>;
  if ('by' in path) {
    const matches = path.by.map((column) => sql<boolean>`${sql.ref(column)} = ${userId}`);
    return all.where(sql<boolean>`(${sql.join(matches, sql` or `)})`).execute();
  }
  const chats = sql`select id from chats where user_id = ${userId}`;
  const ids = path.through === 'chats' ? chats : sql`select id from messages where chat_id in (${chats})`;
  return all.where(sql<boolean>`${sql.ref(path.column)} in (${ids})`).execute();
}

function present(row: Row, hidden: readonly string[]): Row {
  return Object.fromEntries(
    Object.entries(row)
      .filter(([column]) => !hidden.includes(column))
      .map(([column, value]) => [toSnake(column), value]),
  );
}

function toSnake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
