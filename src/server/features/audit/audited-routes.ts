import type { AuditAction } from '../../../shared/audit.ts';

/** How a route enters the audit log: its action, sometimes told by the body, and what kind of thing it is about. */
export type AuditedRoute = {
  action: AuditAction | ((body: unknown) => AuditAction);
  object?: string;
};

/**
 * What the audit log records, by the routes of the permission table. Asking and keeping chats is not recorded: what
 * someone asks is theirs.
 */
export const auditedRoutes: Readonly<Record<string, AuditedRoute>> = {
  'POST /api/v1/setup': { action: 'setup', object: 'user' },
  'POST /api/v1/auth/register': { action: 'register', object: 'user' },
  'POST /api/v1/auth/token': { action: 'sign-in' },
  'POST /api/v1/auth/login': { action: 'sign-in' },
  'POST /api/v1/auth/logout': { action: 'sign-out' },
  'POST /api/v1/auth/forgot': { action: 'password-reset-request' },
  'POST /api/v1/auth/reset': { action: 'password-reset' },
  'POST /api/v1/auth/verify': { action: 'address-confirm' },
  'POST /api/v1/auth/claim': { action: 'guest-claim' },
  'DELETE /api/v1/auth/sessions': { action: 'session-end' },
  'DELETE /api/v1/auth/sessions/:id': { action: 'session-end', object: 'session' },
  'PATCH /api/v1/auth/me': { action: 'profile-change' },
  'PATCH /api/v1/me': { action: 'profile-change' },
  'DELETE /api/v1/auth/me': { action: 'account-erase' },
  'DELETE /api/v1/me': { action: 'account-erase' },
  'GET /api/v1/auth/me/export': { action: 'account-export' },
  'POST /api/v1/auth/api-keys': { action: 'api-key-create', object: 'api-key' },
  'DELETE /api/v1/auth/api-keys/:id': { action: 'api-key-remove', object: 'api-key' },
  'POST /api/v1/auth/second-factor/confirm': { action: 'second-factor-add' },
  'POST /api/v1/auth/second-factor/recovery-codes': { action: 'second-factor-add' },
  'POST /api/v1/auth/second-factor/disable': { action: 'second-factor-remove' },
  'PATCH /api/v1/admin/users/:id': { action: userChange, object: 'user' },
  'POST /api/v1/admin/invitations': { action: 'invitation-create', object: 'invitation' },
  'DELETE /api/v1/admin/invitations/:id': { action: 'invitation-remove', object: 'invitation' },

  'POST /api/v1/documents': { action: 'document-add', object: 'document' },
  'POST /api/v1/documents/upload': { action: 'document-add', object: 'document' },
  'PUT /api/v1/documents/:id': { action: 'document-change', object: 'document' },
  'DELETE /api/v1/documents/:id': { action: 'document-delete', object: 'document' },
  'DELETE /api/v1/documents/all': { action: 'documents-delete-all' },
  'POST /api/v1/documents/:id/reindex': { action: 'document-reindex', object: 'document' },
  'POST /api/v1/documents/:id/release': { action: 'document-release', object: 'document' },
  'POST /api/v1/namespaces': { action: 'namespace-add', object: 'namespace' },
  'PATCH /api/v1/namespaces/:name': { action: 'namespace-change', object: 'namespace' },
  'DELETE /api/v1/namespaces/:name': { action: 'namespace-delete', object: 'namespace' },
  'POST /api/v1/namespaces/:name/reindex': { action: 'document-reindex', object: 'namespace' },
  'POST /api/v1/index/generations': { action: 'index-build', object: 'generation' },
  'POST /api/v1/index/generations/:id/activate': { action: 'index-activate', object: 'generation' },
  'DELETE /api/v1/jobs/:id': { action: 'job-cancel', object: 'job' },
  'POST /api/v1/jobs/:id/retry': { action: 'job-retry', object: 'job' },
};

function userChange(body: unknown): AuditAction {
  const { role, is_active: isActive } = (body ?? {}) as { role?: unknown; is_active?: unknown };
  if (role !== undefined) return 'role-change';
  if (isActive === false) return 'account-disable';
  return isActive === true ? 'account-enable' : 'account-change';
}
