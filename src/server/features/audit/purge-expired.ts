import type { Kysely } from 'kysely';

import type { Tables } from '../../database/tables.ts';
import type { AuditLog } from './create-audit-log.ts';
import { createRetentionStore } from './retention-store.ts';

/** Days that things are kept; 0 keeps them for good. */
export type Retention = { messageDays: number; usageDays: number; auditDays: number };

export type PurgeCount = { chats: number; usageRows: number; auditRows: number };

const DAY_MS = 86_400_000;

/**
 * Removes what is older than its retention time, and records that it did.
 * @returns how much went
 */
export async function purgeExpired(options: {
  database: Kysely<Tables>;
  audit: Pick<AuditLog, 'purge' | 'record'>;
  retention: Retention;
  now: () => Date;
}): Promise<PurgeCount> {
  const { database, audit, retention, now } = options;
  const store = createRetentionStore({ database });
  const before = (days: number) => new Date(now().getTime() - days * DAY_MS).toISOString();
  const { messageDays, usageDays, auditDays } = retention;
  const count = {
    chats: messageDays > 0 ? await store.removeChats(before(messageDays)) : 0,
    usageRows: usageDays > 0 ? await store.removeUsage(before(usageDays)) : 0,
    auditRows: auditDays > 0 ? await audit.purge(auditDays) : 0,
  };
  if (count.chats + count.usageRows + count.auditRows > 0) {
    await audit.record({ userId: null, action: 'data-purge', outcome: 'done' });
  }
  return count;
}
