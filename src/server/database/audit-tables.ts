import type { AuditAction, AuditOutcome } from '../../shared/audit.ts';

/** Append-only: triggers refuse changes, and removals but those of a purge. No foreign keys: entries outlive users. */
export type AuditLogTable = {
  id: number;
  createdAt: string;
  userId: number | null;
  action: AuditAction;
  objectType: string | null;
  objectId: string | null;
  address: string | null;
  outcome: AuditOutcome;
  hash: string;
};

export type AuditCheckpointsTable = {
  kind: 'head' | 'interval' | 'purge';
  lastId: number;
  hash: string;
  keyId: string;
  signature: string;
  createdAt: string;
};
