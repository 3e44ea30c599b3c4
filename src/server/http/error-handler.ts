import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';

import { errorTable } from '../../shared/error-codes.ts';
import { AppError, toProblem } from '../errors.ts';
import { toFieldErrors } from './field-errors.ts';

export const problemMediaType = 'application/problem+json';

/**
 * The one error handler: every error becomes problem details (RFC 9457). What is our fault is logged with its stack;
 * unknown errors answer a fixed text.
 */
export function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const known = toAppError(error);
  const { code, status } = known ?? { code: 'internal', status: 500 };
  if (known === undefined || errorTable[known.code].isReportable) {
    request.log.error({ err: error, code }, 'the request failed');
  }
  if (status === 401) {
    const reason = code === 'invalid_token' ? ', error="invalid_token"' : '';
    void reply.header('www-authenticate', `Bearer realm="wwhd"${reason}`);
  }
  const retryAfterSeconds = known?.retryAfterSeconds ?? (status === 503 ? 5 : undefined);
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds));
  if (known?.limit !== undefined) {
    void reply.headers({
      'x-ratelimit-limit': known.limit.limit,
      'x-ratelimit-remaining': known.limit.remaining,
      'x-ratelimit-reset': known.limit.resetSeconds,
    });
  }
  void reply
    .code(status)
    .header('cache-control', 'no-store')
    .type(problemMediaType)
    .serializer(JSON.stringify)
    .send(toProblem(known ?? error, request.id));
}

/** The error as clients may see it: ours, invalid fields, or what Fastify found in the request; else undefined. */
export function toAppError(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const fields = toFieldErrors(error.validation);
    const detail = fields
      .map(({ path, message }) => (path === '' ? message : `${path} ${message}`))
      .join('; ');
    return new AppError('invalid_field', `Correct this and send it again: ${detail}.`, {
      fields,
      cause: error,
    });
  }
  const status = (error as FastifyError | undefined)?.statusCode;
  const message = error instanceof Error ? error.message : '';
  if (status === 413) {
    return new AppError(
      'payload_too_large',
      'The request is too large; the limit is 1 MB, and 10 MB for a file.',
      {
        cause: error,
      },
    );
  }
  if (status === 415) {
    return new AppError('unsupported_media_type', 'Send the body as application/json.', { cause: error });
  }
  if (status === 404) return new AppError('not_found', 'There is nothing at this address.', { cause: error });
  if (status !== undefined && status >= 400 && status < 500) {
    return new AppError('malformed_request', message || 'The request is malformed.', { cause: error });
  }
  return undefined;
}
