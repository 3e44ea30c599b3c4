import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

import { migrations } from '../../server/database/migrations/migrations.ts';
import { type Check, ok, problem, reasonOf, warning } from './check.ts';

const BUSY_TIMEOUT_MS = 5_000;

/** Opens the SQLite file read-only and checks its pages, its schema and its index; changes nothing. */
export function checkDatabase(path: string): Check[] {
  if (!existsSync(path)) return [ok('database', `${path} does not exist yet; the first start makes it.`)];
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    const integrity = checkIntegrity(database, path);
    if (integrity.status === 'problem') return [integrity];
    const schema = checkSchema(database);
    return schema.status === 'ok' ? [integrity, schema, checkIndex(database)] : [integrity, schema];
  } catch (error) {
    const detail = `${path} cannot be read: ${reasonOf(error)}.`;
    const fix = 'Check its owner and mode; if it is damaged, put a backup in its place.';
    return [problem('database', { detail, fix })];
  } finally {
    database?.close();
  }
}

function checkIntegrity(database: DatabaseSync, path: string): Check {
  const rows = database
    .prepare('pragma quick_check')
    .all()
    .map((row) => String(Object.values(row)[0]));
  if (rows.length === 1 && rows[0] === 'ok') return ok('database', `${path} is intact.`);
  return problem('database', {
    detail: `${path} is damaged: ${rows.slice(0, 3).join('; ')}.`,
    fix: 'Stop the server and put the last backup in its place.',
  });
}

function checkSchema(database: DatabaseSync): Check {
  const exists = database.prepare("select 1 from sqlite_master where name = 'schema_migrations'").get();
  const rows = exists === undefined ? [] : database.prepare('select name from schema_migrations').all();
  const applied = new Set(rows.map((row) => String(row['name'])));
  const unknown = [...applied].filter((name) => !migrations.some((migration) => migration.name === name));
  if (unknown.length > 0) {
    const detail = `The database was written by a newer version (${unknown.join(', ')}).`;
    return problem('schema', { detail, fix: 'Start that version, or restore an older backup.' });
  }
  const pending = migrations.filter(({ name }) => !applied.has(name)).map(({ name }) => name);
  if (pending.length === 0) return ok('schema', `${applied.size} of ${migrations.length} migrations applied`);
  return warning('schema', {
    detail: `Not applied yet: ${pending.join(', ')}.`,
    fix: 'Start the server; it applies them. Make a backup first.',
  });
}

/** Every passage row of the active generation is in a segment and not deleted from it, and nothing else is. */
function checkIndex(database: DatabaseSync): Check {
  const generation = database.prepare("select id from index_generations where status = 'active'").get()?.[
    'id'
  ];
  if (generation === undefined) return ok('index', 'nothing indexed yet');
  const count = (query: string): number => Number(database.prepare(query).get(generation)?.['n'] ?? 0);
  database.exec('begin');
  const stored = count('select count(*) as n from passages where generation_id = ?');
  const inSegments = count('select sum(passage_count) as n from index_segments where generation_id = ?');
  const deleted = count(
    'select count(distinct passage_id) as n from index_tombstones where generation_id = ?',
  );
  database.exec('commit');
  const indexed = inSegments - deleted;
  if (indexed === stored) return ok('index', `${stored} passages, all indexed`);
  return problem('index', {
    detail: `The index holds ${indexed} passages and the database ${stored}.`,
    fix: 'Reindex the namespaces: POST /api/v1/namespaces/<name>/reindex for each.',
  });
}
