import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SelectQueryNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';

import { waitWhileBusy } from './wait-while-busy.ts';

const STATEMENT_CACHE_SIZE = 500;

type Connection = DatabaseConnection & { isInTransaction: boolean };
export type SqliteConnections = { writer: DatabaseSync; reader?: DatabaseSync; busyTimeoutMs: number };
type Run = (query: CompiledQuery) => QueryResult<unknown>;

/**
 * Kysely on node:sqlite. Writes and transactions take turns on one connection, first come first served; a select
 * outside a transaction goes to a connection of its own and waits for nobody (in WAL it sees the last commit).
 * @param options.reader a read-only connection to the same file; without one selects wait their turn too
 * @param options.busyTimeoutMs how long a statement waits, without blocking the event loop, for the lock of another
 * program
 */
export function createNodeSqliteDialect(options: SqliteConnections): Dialect {
  return {
    createDriver: () => createDriver(options),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new ManyConnectionsAdapter(),
    createIntrospector: (database) => new SqliteIntrospector(database),
  };
}

/** Kysely must not add its own lock, which lets late comers pass those that wait. */
class ManyConnectionsAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

function createDriver({ writer, reader, busyTimeoutMs }: SqliteConnections): Driver {
  const patiently = <Result>(statement: () => Result) => waitWhileBusy(statement, { limitMs: busyTimeoutMs });
  const turns = createTurns();
  const write = createRun(writer);
  const read = reader ? createRun(reader) : undefined;

  async function inTurn(query: CompiledQuery): Promise<QueryResult<unknown>> {
    await turns.take();
    try {
      return await patiently(() => write(query));
    } finally {
      turns.pass();
    }
  }

  function connect(): Connection {
    const connection: Connection = {
      isInTransaction: false,
      executeQuery: async <Row>(query: CompiledQuery) => {
        const isReading = read && !connection.isInTransaction && isRead(query);
        if (isReading) return (await patiently(() => read(query))) as QueryResult<Row>;
        const result = connection.isInTransaction ? await patiently(() => write(query)) : await inTurn(query);
        return result as QueryResult<Row>;
      },
      streamQuery: () => {
        throw new Error('Reading row by row is not supported; page through the rows instead.');
      },
    };
    return connection;
  }

  const leave = (connection: DatabaseConnection) => {
    (connection as Connection).isInTransaction = false;
    turns.pass();
  };

  return {
    init: async () => {},
    acquireConnection: async () => connect(),
    beginTransaction: async (connection) => {
      await turns.take();
      try {
        // A deferred transaction that reads before it writes fails at once when another process wrote in between.
        await patiently(() => writer.exec('begin immediate'));
        (connection as Connection).isInTransaction = true;
      } catch (error) {
        turns.pass();
        throw error;
      }
    },
    commitTransaction: async (connection) => {
      // A commit that fails (disk full) is rolled back by Kysely, which then leaves.
      await patiently(() => writer.exec('commit'));
      leave(connection);
    },
    rollbackTransaction: async (connection) => {
      if (!(connection as Connection).isInTransaction) return;
      try {
        // SQLite has rolled back by itself after some errors (disk full, I/O).
        if (writer.isTransaction) writer.exec('rollback');
      } finally {
        leave(connection);
      }
    },
    releaseConnection: async () => {},
    destroy: async () => {
      reader?.close();
      writer.close();
    },
  };
}

function isRead(query: CompiledQuery): boolean {
  return SelectQueryNode.is(query.query) || /^\s*select\b/i.test(query.sql);
}

/** Runs a query on a connection with its statements kept prepared. */
function createRun(database: DatabaseSync): Run {
  const cache = new Map<string, StatementSync>();
  const prepare = (text: string): StatementSync => {
    const known = cache.get(text);
    if (known) return known;
    const statement = database.prepare(text);
    if (cache.size >= STATEMENT_CACHE_SIZE) cache.delete(cache.keys().next().value ?? '');
    cache.set(text, statement);
    return statement;
  };
  return ({ sql, parameters }) => {
    const statement = prepare(sql);
    const values = parameters as SQLInputValue[];
    if (statement.columns().length > 0) return { rows: statement.all(...values) };
    const { changes, lastInsertRowid } = statement.run(...values);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  };
}

/** A lock that is handed on in the order in which it was asked for. */
function createTurns() {
  const waiting: (() => void)[] = [];
  let isTaken = false;
  return {
    take(): Promise<void> | undefined {
      if (!isTaken) {
        isTaken = true;
        return undefined;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      return promise;
    },
    pass(): void {
      const next = waiting.shift();
      if (next) next();
      else isTaken = false;
    },
  };
}
