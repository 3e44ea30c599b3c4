import type { Kysely, Selectable, Transaction } from 'kysely';

import type { AuditAction } from '../../../shared/audit.ts';
import type { AuditLogTable } from '../../database/audit-tables.ts';
import type { Tables } from '../../database/tables.ts';
import {
  type AuditKeys,
  type AuditRecord,
  CHAIN_START,
  type Checkpoint,
  type ChainRow,
  hashRecord,
  isSigned,
  signCheckpoint,
} from './audit-chain.ts';

const READ_AT_ONCE = 1_000;

export type AuditFilter = {
  /** Entries before this id. */
  before?: number;
  action?: AuditAction;
  userId?: number;
  limit: number;
};

/**
 * The rows of the audit log and its checkpoints. Appending is one transaction that reads the end of the chain, so that
 * two servers never fork it; triggers of the database refuse every change and every removal but that of purged rows.
 * @param options.checkpointEvery a row whose id this divides is signed for itself
 */
export function createAuditStore(options: {
  database: Kysely<Tables>;
  keys: AuditKeys;
  checkpointEvery: number;
}) {
  const { database, keys, checkpointEvery } = options;

  async function endOf(transaction: Transaction<Tables>): Promise<{ id: number; hash: string }> {
    const row = await transaction
      .selectFrom('auditLog')
      .select(['id', 'hash'])
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (row) return row;
    const purge = await transaction
      .selectFrom('auditCheckpoints')
      .select(['lastId as id', 'hash'])
      .where('kind', '=', 'purge')
      .orderBy('lastId', 'desc')
      .executeTakeFirst();
    return purge ?? { id: 0, hash: CHAIN_START };
  }

  async function putCheckpoint(transaction: Transaction<Tables>, checkpoint: Checkpoint, time: string) {
    await transaction
      .insertInto('auditCheckpoints')
      .values({ ...checkpoint, createdAt: time })
      .execute();
  }

  return {
    async append(record: Omit<AuditRecord, 'id'>): Promise<number> {
      return database.transaction().execute(async (transaction) => {
        const end = await endOf(transaction);
        const row = { ...record, id: end.id + 1 };
        const hash = hashRecord(row, end.hash);
        await transaction
          .insertInto('auditLog')
          .values({ ...row, hash })
          .execute();
        await transaction.deleteFrom('auditCheckpoints').where('kind', '=', 'head').execute();
        const place = { lastId: row.id, hash };
        await putCheckpoint(transaction, signCheckpoint({ ...place, kind: 'head' }, keys), row.createdAt);
        if (row.id % checkpointEvery === 0)
          await putCheckpoint(
            transaction,
            signCheckpoint({ ...place, kind: 'interval' }, keys),
            row.createdAt,
          );
        return row.id;
      });
    },

    async list(filter: AuditFilter): Promise<Selectable<AuditLogTable>[]> {
      let query = database.selectFrom('auditLog').selectAll().orderBy('id', 'desc').limit(filter.limit);
      if (filter.before !== undefined) query = query.where('id', '<', filter.before);
      if (filter.action !== undefined) query = query.where('action', '=', filter.action);
      if (filter.userId !== undefined) query = query.where('userId', '=', filter.userId);
      return query.execute();
    },

    async *readAll(): AsyncGenerator<ChainRow> {
      for (let after = 0; ;) {
        const rows = await database
          .selectFrom('auditLog')
          .selectAll()
          .where('id', '>', after)
          .orderBy('id')
          .limit(READ_AT_ONCE)
          .execute();
        yield* rows;
        const last = rows.at(-1);
        if (last === undefined) return;
        after = last.id;
      }
    },

    async checkpoints(): Promise<Checkpoint[]> {
      return database
        .selectFrom('auditCheckpoints')
        .select(['kind', 'lastId', 'hash', 'keyId', 'signature'])
        .execute();
    },

    /** Signs checkpoints of an accepted former key with the present one. @returns how many */
    async renewSignatures(): Promise<number> {
      return database.transaction().execute(async (transaction) => {
        const all = await transaction.selectFrom('auditCheckpoints').selectAll().execute();
        let count = 0;
        for (const checkpoint of all) {
          const renewed = signCheckpoint(checkpoint, keys);
          if (renewed.keyId === checkpoint.keyId || !isSigned(checkpoint, keys)) continue;
          await transaction
            .updateTable('auditCheckpoints')
            .set({ keyId: renewed.keyId, signature: renewed.signature })
            .where('kind', '=', checkpoint.kind)
            .where('lastId', '=', checkpoint.lastId)
            .execute();
          count += 1;
        }
        return count;
      });
    },

    /** Removes rows older than a time, and signs the place where the rest begins. @returns how many went */
    async purge(before: string, now: string): Promise<number> {
      return database.transaction().execute(async (transaction) => {
        const newest = await transaction
          .selectFrom('auditLog')
          .select(['id', 'hash'])
          .where('createdAt', '<', before)
          .orderBy('id', 'desc')
          .limit(1)
          .executeTakeFirst();
        if (!newest) return 0;
        await transaction
          .deleteFrom('auditCheckpoints')
          .where('kind', '!=', 'head')
          .where('lastId', '<=', newest.id)
          .execute();
        const place = { kind: 'purge' as const, lastId: newest.id, hash: newest.hash };
        await putCheckpoint(transaction, signCheckpoint(place, keys), now);
        const removed = await transaction
          .deleteFrom('auditLog')
          .where('id', '<=', newest.id)
          .executeTakeFirst();
        return Number(removed.numDeletedRows);
      });
    },
  };
}
