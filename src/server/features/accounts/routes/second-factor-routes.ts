import type { FastifyRequest } from 'fastify';

import {
  confirmSecondFactorSchema,
  enrolledSecondFactorSchema,
  proofSchema,
  recoveryCodesSchema,
  secondFactorSchema,
} from '../../../../shared/accounts.ts';
import { AppError } from '../../../errors.ts';
import { noContent, problemResponses } from '../../../http/add-openapi.ts';
import { userIdOf } from '../../../http/authenticate.ts';
import type { App } from '../../../http/http-app.ts';
import type { AccountsDependencies } from '../accounts-routes.ts';
import type { User } from '../accounts-store.ts';
import { found } from '../manage-users.ts';
import { addressOf, assertNotApiKey } from './hand-over-session.ts';

const tags = ['Accounts'];
const base = '/api/v1/auth/second-factor';

/** GET and POST /auth/second-factor, and its /confirm, /recovery-codes and /disable. */
export function registerSecondFactorRoutes(app: App, { accounts }: AccountsDependencies): void {
  const { secondFactor, sessions, users, lockout } = accounts;

  /** Guesses of the password and of codes count as failed sign-ins. */
  const guarded = async <Result>(
    request: FastifyRequest,
    attempt: (user: User) => Promise<Result>,
  ): Promise<Result> => {
    assertNotApiKey(request);
    const user = found(await users.findUser(userIdOf(request.caller)));
    const isFailure = (error: unknown) =>
      error instanceof AppError && ['invalid_field', 'invalid_credentials'].includes(error.code);
    const who = { login: user.usernameKey, address: addressOf(request), isFailure };
    return lockout.guard(who, () => attempt(user));
  };
  const assertPassword = async (user: User, password: string) => {
    if (!(await users.isPasswordOf(user.id, password))) {
      throw new AppError('invalid_credentials', 'The password is wrong.');
    }
  };

  app.get(
    base,
    {
      schema: {
        summary: 'Your second factor',
        tags,
        response: { 200: secondFactorSchema, ...problemResponses },
      },
    },
    async (request) => {
      const { confirmedAt, recoveryCodesLeft } = await secondFactor.describe(userIdOf(request.caller));
      return {
        is_enabled: confirmedAt !== null,
        enabled_at: confirmedAt,
        recovery_codes_left: recoveryCodesLeft,
      };
    },
  );

  app.post(
    base,
    {
      schema: {
        summary: 'Begin with a second factor: a secret for your authenticator app',
        tags,
        body: proofSchema,
        response: { 201: enrolledSecondFactorSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const enrolled = await guarded(request, async (user) => {
        await assertPassword(user, request.body.current_password);
        return secondFactor.enrol(user);
      });
      return reply.code(201).header('cache-control', 'no-store').send(enrolled);
    },
  );

  app.post(
    `${base}/confirm`,
    {
      schema: {
        summary: 'Turn the second factor on with a first code; your other sessions end',
        tags,
        body: confirmSecondFactorSchema,
        response: { 200: recoveryCodesSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const codes = await guarded(request, (user) => secondFactor.confirm(user.id, request.body.otp));
      await sessions.endAll(userIdOf(request.caller), request.caller.sessionId);
      void reply.header('cache-control', 'no-store');
      return { recovery_codes: codes };
    },
  );

  app.post(
    `${base}/recovery-codes`,
    {
      schema: {
        summary: 'Make new recovery codes; the old ones end',
        tags,
        body: proofSchema,
        response: { 200: recoveryCodesSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const codes = await guarded(request, async (user) => {
        await assertPassword(user, request.body.current_password);
        await secondFactor.check(user.id, request.body.otp ?? undefined);
        return secondFactor.renewRecoveryCodes(user.id);
      });
      void reply.header('cache-control', 'no-store');
      return { recovery_codes: codes };
    },
  );

  app.post(
    `${base}/disable`,
    {
      schema: {
        summary: 'Turn the second factor off',
        tags,
        body: proofSchema,
        response: { 204: noContent, ...problemResponses },
      },
    },
    async (request, reply) => {
      await guarded(request, async (user) => {
        await assertPassword(user, request.body.current_password);
        await secondFactor.check(user.id, request.body.otp ?? undefined);
        await secondFactor.remove(user.id);
      });
      return reply.code(204).send(null);
    },
  );
}
