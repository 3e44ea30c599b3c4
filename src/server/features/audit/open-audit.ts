import type { Kysely } from 'kysely';

import type { Tables } from '../../database/tables.ts';
import type { App } from '../../http/http-app.ts';
import { deriveAuditKeys } from './audit-chain.ts';
import { registerAudit } from './audit-routes.ts';
import { createAuditLog } from './create-audit-log.ts';
import { purgeExpired, type Retention } from './purge-expired.ts';
import { recordRequests } from './record-requests.ts';

/**
 * The audit log of a server: records what happens on `app`, shows it to admins, and removes what is too old.
 * @param options.keys the keys of access tokens, the signing one first; the log's own keys are derived from them
 */
export function openAudit(
  app: App,
  options: {
    database: Kysely<Tables>;
    keys: Parameters<typeof deriveAuditKeys>[0];
    retention: Retention;
    now: () => Date;
    onError: (error: unknown, context: object) => void;
  },
) {
  const { database, keys, retention, now, onError } = options;
  const audit = createAuditLog({ database, keys: deriveAuditKeys(keys), now });
  recordRequests(app, { audit, onError });
  registerAudit(app, { audit });
  return {
    record: audit.record,
    /** The daily upkeep: follows a change of keys, removes what is too old. A failure is reported and tried again. */
    async tidy(): Promise<void> {
      try {
        await audit.renewSignatures();
        await purgeExpired({ database, audit, retention, now });
      } catch (error) {
        onError(error, { step: 'tidy the audit log' });
      }
    },
  };
}
