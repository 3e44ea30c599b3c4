import { z } from 'zod';

/** Everything that the audit log records; nothing else enters it. */
export const auditActions = [
  'sign-in',
  'sign-out',
  'session-end',
  'register',
  'invitation-create',
  'invitation-remove',
  'password-reset-request',
  'password-reset',
  'address-confirm',
  'guest-claim',
  'profile-change',
  'second-factor-add',
  'second-factor-remove',
  'role-change',
  'account-disable',
  'account-enable',
  'account-create',
  'account-change',
  'account-export',
  'account-erase',
  'api-key-create',
  'api-key-remove',
  'document-add',
  'document-change',
  'document-delete',
  'document-release',
  'document-reindex',
  'documents-delete-all',
  'namespace-add',
  'namespace-change',
  'namespace-delete',
  'index-build',
  'index-activate',
  'job-cancel',
  'job-retry',
  'settings-change',
  'data-export',
  'data-purge',
  'setup',
] as const;
export const auditActionSchema = z.enum(auditActions);
export type AuditAction = z.infer<typeof auditActionSchema>;

/** Whether it was done, refused to this person, or failed for another reason. */
export const auditOutcomeSchema = z.enum(['done', 'refused', 'failed']);
export type AuditOutcome = z.infer<typeof auditOutcomeSchema>;

export const auditEntrySchema = z.object({
  id: z.int(),
  created_at: z.string(),
  user_id: z.int().nullable().describe('Who; null for nobody, and for the command line'),
  action: auditActionSchema,
  object_type: z.string().nullable(),
  object_id: z.string().nullable(),
  address: z.string().nullable().describe('Network it came from: /24 or /48; "local" for the command line'),
  outcome: auditOutcomeSchema,
  hash: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

export const auditPageSchema = z.object({
  entries: z.array(auditEntrySchema),
  next_cursor: z.int().nullable().describe('Send it as `cursor` for older entries; null at the end'),
});
export type AuditPage = z.infer<typeof auditPageSchema>;
