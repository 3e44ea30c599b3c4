import type { ErrorCode } from '../error-codes.ts';

/**
 * What went wrong: a code of the server's table, or one of the client's own: `unreachable` (no connection),
 * `timeout` (no answer in time), `connection_lost` (a stream was cut and could not be resumed) and
 * `unexpected_answer` (an answer that is not of this API, such as a proxy's page).
 */
export type ApiErrorCode = ErrorCode | 'unreachable' | 'timeout' | 'connection_lost' | 'unexpected_answer';

export type ApiErrorFields = {
  code: ApiErrorCode;
  /** HTTP status; 0 when no answer came. */
  status: number;
  /** One or two sentences for a person. */
  detail: string;
  errors?: { path: string; message: string }[] | undefined;
  retryAfterSeconds?: number | undefined;
  requestId?: string | undefined;
  cause?: unknown;
};

/** A request that failed, with the fields of the problem document (RFC 9457) that the server answered. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;
  readonly status: number;
  readonly detail: string;
  readonly errors: { path: string; message: string }[];
  readonly retryAfterSeconds: number | undefined;
  readonly requestId: string | undefined;

  constructor(fields: ApiErrorFields) {
    super(fields.detail, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = 'ApiError';
    this.code = fields.code;
    this.status = fields.status;
    this.detail = fields.detail;
    this.errors = fields.errors ?? [];
    this.retryAfterSeconds = fields.retryAfterSeconds;
    this.requestId = fields.requestId;
  }
}

/**
 * Reads a failed response into an ApiError; a body that is no problem document becomes `unexpected_answer`.
 * @param response an answer with a status of 400 or more, its body not yet read
 */
export async function readApiError(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => '');
  const body = parseObject(text);
  const retryAfterSeconds = secondsOfRetryAfter(response.headers.get('retry-after'), Date.now);
  const requestId = textOf(body['request_id']) ?? response.headers.get('x-request-id') ?? undefined;
  const code = textOf(body['code']);
  const detail = textOf(body['detail']) ?? textOf(body['message']);
  return new ApiError({
    code: (code as ErrorCode | undefined) ?? 'unexpected_answer',
    status: response.status,
    detail: detail ?? `The server answered ${`${response.status} ${response.statusText}`.trim()}.`,
    errors: fieldErrorsOf(body['errors']),
    retryAfterSeconds,
    requestId,
  });
}

/**
 * Seconds to wait after a `Retry-After` header (RFC 9110, section 10.2.3): a number of seconds or a date.
 * @returns undefined when the header is absent or unreadable
 */
export function secondsOfRetryAfter(header: string | null, now: () => number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header);
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, Math.ceil((dateMs - now()) / 1000));
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // Proxies answer with pages; the status line says enough then.
    return {};
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function fieldErrorsOf(value: unknown): { path: string; message: string }[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter(
    (entry): entry is { path: string; message: string } =>
      typeof entry === 'object' && entry !== null && 'path' in entry && 'message' in entry,
  );
}
