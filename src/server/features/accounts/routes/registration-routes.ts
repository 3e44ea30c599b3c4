import {
  accountSchema,
  acceptedSchema,
  forgotSchema,
  registerSchema,
  resetSchema,
  verifySchema,
} from '../../../../shared/accounts.ts';
import { noContent, problemResponses } from '../../../http/add-openapi.ts';
import type { App } from '../../../http/http-app.ts';
import type { AccountsDependencies } from '../accounts-routes.ts';
import { presentUser } from '../present-user.ts';
import { handOverSession, userAgentOf, wantsCookie } from './hand-over-session.ts';

const tags = ['Accounts'];

/** POST /auth/register, /auth/verify, /auth/forgot and /auth/reset. */
export function registerRegistrationRoutes(app: App, dependencies: AccountsDependencies): void {
  const { accounts, cookies } = dependencies;
  const { registration, proofs, sessions } = accounts;

  app.post(
    '/api/v1/auth/register',
    {
      schema: {
        summary: 'Make an account; a guest keeps the chats',
        description:
          'Where addresses must be confirmed, the answer is always 202 and a mail says how to go on. Where registration is by invitation, send its token as `invitation`.',
        tags,
        body: registerSchema,
        response: { 201: accountSchema, 202: acceptedSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { full_name: fullName, name, invitation, ...rest } = request.body;
      const { caller } = request;
      const guestId = caller.role === 'guest' ? caller.userId : null;
      const user = await registration.register({
        input: { ...rest, name: name ?? fullName ?? null },
        invitation: invitation ?? undefined,
        guestId,
      });
      if (user === undefined) return reply.code(202).send(accepted('Open the link in the mail we sent.'));
      if (wantsCookie(request) || (guestId !== null && caller.via === 'cookie')) {
        const opened = await sessions.open(user, userAgentOf(request));
        handOverSession({ request, reply, cookies, opened, byCookie: true });
      }
      return reply.code(201).send(presentUser(user));
    },
  );

  app.post(
    '/api/v1/auth/forgot',
    {
      schema: {
        summary: 'Ask for a mail to choose a new password',
        description: 'The answer is the same whether or not the address has an account.',
        tags,
        body: forgotSchema,
        response: { 202: acceptedSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      proofs.forgot(request.body.email);
      return reply.code(202).send(accepted('If the address has an account, a mail is on its way.'));
    },
  );

  app.post(
    '/api/v1/auth/reset',
    {
      schema: {
        summary: 'Choose a new password with the token of a mail; all sessions end',
        tags,
        body: resetSchema,
        response: { 204: noContent, ...problemResponses },
      },
    },
    async (request, reply) => {
      await proofs.reset(request.body.token, request.body.password);
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/api/v1/auth/verify',
    {
      schema: {
        summary: 'Confirm an address with the token of a mail',
        description: 'Confirming a changed address ends your other sessions.',
        tags,
        body: verifySchema,
        response: { 204: noContent, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { userId, sessionId: lineId } = request.caller;
      const kept = userId === null || lineId === undefined ? undefined : { userId, lineId };
      await proofs.verify(request.body.token, kept);
      return reply.code(204).send(null);
    },
  );
}

function accepted(detail: string): { status: 'accepted'; detail: string } {
  return { status: 'accepted', detail };
}
