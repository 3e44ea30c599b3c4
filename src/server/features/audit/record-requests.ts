import type { FastifyRequest } from 'fastify';

import type { AuditOutcome } from '../../../shared/audit.ts';
import type { App } from '../../http/http-app.ts';
import { auditedRoutes } from './audited-routes.ts';
import type { AuditLog } from './create-audit-log.ts';

/**
 * Records every request to an audited route before its answer is sent, whatever the outcome. An entry that cannot be
 * written is reported and does not undo what was done.
 */
export function recordRequests(
  app: App,
  options: { audit: Pick<AuditLog, 'record'>; onError: (error: unknown, context: object) => void },
): void {
  const { audit, onError } = options;
  app.addHook('onSend', async (request, reply, payload) => {
    const route = auditedRoutes[keyOf(request)];
    // Counting what a removal would take removes nothing; a limit that is reached is a matter of the log.
    if (route === undefined || isDryRun(request) || reply.statusCode === 429) return payload;
    const outcome = outcomeOf(reply.statusCode);
    const { action, object } = route;
    const body = outcome === 'done' ? parse(payload) : {};
    const createdId = idOf(body);
    try {
      await audit.record({
        userId: request.provenUserId ?? request.caller.userId ?? (action === 'register' ? createdId : null),
        action: typeof action === 'function' ? action(request.body) : action,
        outcome,
        address: request.ip,
        ...objectOf({ request, body, object }),
      });
    } catch (error) {
      onError(error, { step: 'audit' });
    }
    return payload;
  });
}

function keyOf(request: FastifyRequest): string {
  const url = request.routeOptions.url ?? '';
  return `${request.method} ${url.replace(/(?<=.)\/$/, '')}`;
}

function isDryRun(request: FastifyRequest): boolean {
  return (request.query as { dry_run?: unknown } | undefined)?.dry_run === 'true';
}

/** 401 and 403 are refusals, other errors failures. */
function outcomeOf(statusCode: number): AuditOutcome {
  if (statusCode < 400) return 'done';
  return statusCode === 401 || statusCode === 403 ? 'refused' : 'failed';
}

type Body = { id?: unknown; name?: unknown };

function parse(payload: unknown): Body {
  if (typeof payload !== 'string' || !payload.startsWith('{')) return {};
  return JSON.parse(payload) as Body;
}

function idOf({ id }: Body): number | null {
  return typeof id === 'number' ? id : null;
}

function objectOf(options: { request: FastifyRequest; body: Body; object: string | undefined }): {
  object?: { type: string; id: number | string | null };
} {
  const { request, body, object } = options;
  if (object === undefined) return {};
  const params = (request.params ?? {}) as { id?: string | number; name?: string };
  const name = object === 'namespace' && typeof body.name === 'string' ? body.name : null;
  return { object: { type: object, id: params.id ?? params.name ?? name ?? idOf(body) } };
}
