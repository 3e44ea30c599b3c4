import { z } from 'zod';

import {
  accountSchema,
  createdInvitationSchema,
  createInvitationSchema,
  type Invitation as InvitationView,
  invitationListSchema,
  updateUserSchema,
  userListSchema,
} from '../../../../shared/accounts.ts';
import { notFound } from '../../../errors.ts';
import { noContent, problemResponses } from '../../../http/add-openapi.ts';
import { userIdOf } from '../../../http/authenticate.ts';
import type { App } from '../../../http/http-app.ts';
import type { AccountsDependencies } from '../accounts-routes.ts';
import { presentUser } from '../present-user.ts';
import type { Invitation } from '../registration/invitations.ts';

const tags = ['Administration'];
const idParams = z.object({ id: z.coerce.number().int().min(1) });

/** GET and PATCH /admin/users; GET, POST and DELETE /admin/invitations. */
export function registerAdminRoutes(app: App, dependencies: AccountsDependencies): void {
  registerUserRoutes(app, dependencies);
  registerInvitationRoutes(app, dependencies);
}

function registerUserRoutes(app: App, { accounts }: AccountsDependencies): void {
  const { users } = accounts;

  app.get(
    '/api/v1/admin/users',
    {
      schema: {
        summary: 'Accounts, without guests',
        tags,
        querystring: z.object({
          q: z.string().trim().max(254).optional().describe('Part of a name or an address'),
          page: z.coerce.number().int().min(1).max(1_000_000).default(1),
          per_page: z.coerce.number().int().min(1).max(100).default(20),
        }),
        response: { 200: userListSchema, ...problemResponses },
      },
    },
    async (request) => {
      const { q, page, per_page: perPage } = request.query;
      const found = await users.searchUsers({ text: q ?? '', page, perPage });
      return { users: found.users.map(presentUser), total: found.total, page, per_page: perPage };
    },
  );

  app.patch(
    '/api/v1/admin/users/:id',
    {
      schema: {
        summary: 'Change the role of an account, or disable or enable it, at once',
        tags,
        params: idParams,
        body: updateUserSchema,
        response: { 200: accountSchema, ...problemResponses },
      },
    },
    async (request) => {
      const { role, is_active: isActive } = request.body;
      return presentUser(await users.changeUser(request.params.id, { role, isActive }));
    },
  );
}

function registerInvitationRoutes(app: App, { accounts }: AccountsDependencies): void {
  const { invite, invitations } = accounts;

  app.get(
    '/api/v1/admin/invitations',
    {
      schema: {
        summary: 'Invitations, newest first',
        tags,
        response: { 200: invitationListSchema, ...problemResponses },
      },
    },
    async () => ({ invitations: (await invitations.list()).map(presentInvitation) }),
  );

  app.post(
    '/api/v1/admin/invitations',
    {
      schema: {
        summary: 'Invite someone; the token is shown this once, and mailed when there is an address',
        tags,
        body: createInvitationSchema,
        response: { 201: createdInvitationSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { email, role, expires_in_days: lifetimeDays } = request.body;
      const { invitation, token } = await invite({
        email: email ?? null,
        role: role ?? 'user',
        lifetimeDays: lifetimeDays ?? 7,
        createdBy: userIdOf(request.caller),
      });
      void reply.header('cache-control', 'no-store');
      return reply.code(201).send({ ...presentInvitation(invitation), token });
    },
  );

  app.delete(
    '/api/v1/admin/invitations/:id',
    {
      schema: {
        summary: 'Withdraw an invitation',
        tags,
        params: idParams,
        response: { 204: noContent, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!(await invitations.remove(id))) throw notFound('invitation', id);
      return reply.code(204).send(null);
    },
  );
}

function presentInvitation(invitation: Invitation): InvitationView {
  return {
    id: invitation.id,
    email: invitation.email,
    role: invitation.role,
    created_at: invitation.createdAt,
    expires_at: invitation.expiresAt,
    used_at: invitation.usedAt,
    used_by: invitation.usedBy,
  };
}
