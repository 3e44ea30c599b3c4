import { z } from 'zod';

import { auditActionSchema, auditPageSchema } from '../../../shared/audit.ts';
import { problemResponses } from '../../http/add-openapi.ts';
import type { App } from '../../http/http-app.ts';
import type { AuditLog } from './create-audit-log.ts';

/** GET /admin/audit: the audit log, newest first. */
export function registerAudit(app: App, dependencies: { audit: Pick<AuditLog, 'list'> }): void {
  app.get(
    '/api/v1/admin/audit',
    {
      schema: {
        tags: ['Administration'],
        summary: 'The audit log, newest first',
        querystring: z.object({
          cursor: z.coerce.number().int().min(1).optional().describe('`next_cursor` of the page before'),
          limit: z.coerce.number().int().min(1).max(200).default(50),
          action: auditActionSchema.optional(),
          user_id: z.coerce.number().int().min(1).optional(),
        }),
        response: { 200: auditPageSchema, ...problemResponses },
      },
    },
    async (request) => {
      const { cursor, limit, action, user_id: userId } = request.query;
      return dependencies.audit.list({
        limit,
        ...(cursor === undefined ? {} : { before: cursor }),
        ...(action === undefined ? {} : { action }),
        ...(userId === undefined ? {} : { userId }),
      });
    },
  );
}
