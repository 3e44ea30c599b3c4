import type { Kysely } from 'kysely';

import type { AuditAction, AuditEntry, AuditOutcome, AuditPage } from '../../../shared/audit.ts';
import type { Tables } from '../../database/tables.ts';
import { type AuditKeys, type ChainReport, verifyChain } from './audit-chain.ts';
import { type AuditFilter, createAuditStore } from './audit-store.ts';
import { truncateAddress } from './truncate-address.ts';

/** Something to record. `address` is the full one of the client; only its network is kept. */
export type AuditEvent = {
  userId: number | null;
  action: AuditAction;
  outcome: AuditOutcome;
  object?: { type: string; id: number | string | null };
  address?: string;
};

export type AuditLog = ReturnType<typeof createAuditLog>;

const CHECKPOINT_EVERY = 100;
const LOCAL_ADDRESS = 'local';

/**
 * The append-only record of who did what: ids and no names, each row bound to the one before it by a hash, the end
 * and every hundredth row signed with a key that is not in the database.
 * @param options.keys from `deriveAuditKeys`
 */
export function createAuditLog(options: {
  database: Kysely<Tables>;
  keys: AuditKeys;
  now: () => Date;
  checkpointEvery?: number;
}) {
  const { database, keys, now, checkpointEvery = CHECKPOINT_EVERY } = options;
  const store = createAuditStore({ database, keys, checkpointEvery });

  return {
    /** Adds an entry. @returns its id */
    async record(event: AuditEvent): Promise<number> {
      const { userId, action, outcome, object, address } = event;
      return store.append({
        createdAt: now().toISOString(),
        userId,
        action,
        objectType: object?.type ?? null,
        objectId: object?.id === null || object?.id === undefined ? null : String(object.id).slice(0, 100),
        address: address === undefined ? LOCAL_ADDRESS : truncateAddress(address),
        outcome,
      });
    },

    /** Entries, newest first. */
    async list(filter: AuditFilter): Promise<AuditPage> {
      const rows = await store.list({ ...filter, limit: filter.limit + 1 });
      const entries = rows.slice(0, filter.limit).map((row): AuditEntry => ({
        id: row.id,
        created_at: row.createdAt,
        user_id: row.userId,
        action: row.action,
        object_type: row.objectType,
        object_id: row.objectId,
        address: row.address,
        outcome: row.outcome,
        hash: row.hash,
      }));
      return { entries, next_cursor: rows.length > filter.limit ? (entries.at(-1)?.id ?? null) : null };
    },

    /** Checks every row and signature. */
    async verify(): Promise<ChainReport> {
      return verifyChain({ rows: store.readAll(), checkpoints: await store.checkpoints(), keys });
    },

    /** After a change of keys, while the former one is still known: signs with the new one. */
    renewSignatures: store.renewSignatures,

    /** Removes entries older than so many days; what stays can still be verified. @returns how many went */
    async purge(retentionDays: number): Promise<number> {
      const before = new Date(now().getTime() - retentionDays * 86_400_000).toISOString();
      return store.purge(before, now().toISOString());
    },
  };
}
