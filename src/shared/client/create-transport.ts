import { ApiError, readApiError } from './api-error.ts';

/** The part of `fetch` that the client uses; Node's, the browser's and a test's all fit. */
export type Fetch = (address: string, init: RequestInit) => Promise<Response>;

export type TransportOptions = {
  /** Address of the server without a path, such as `http://127.0.0.1:8000`; empty for the page's own server. */
  baseUrl: string;
  /** Access token or API key; a function is asked before each request, so that it can be renewed. */
  token?: string | (() => string | undefined) | undefined;
  fetch?: Fetch | undefined;
  /** How long a plain request may take, in milliseconds; 30,000 unless given. */
  timeoutMs?: number | undefined;
  /** Sent as `X-CSRF-Token` with unsafe requests of a page that signs in by cookie. */
  csrfToken?: string | (() => string | undefined) | undefined;
};

export type TransportRequest = {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | undefined;
  /** Path below `/api/v1`, or from the root when it begins with `//`. */
  path: string;
  query?: Record<string, string | number | boolean | null | undefined> | undefined;
  /** Sent as JSON, or as multipart when it is a FormData. */
  body?: unknown;
  headers?: Record<string, string> | undefined;
  signal?: AbortSignal | undefined;
  /** Milliseconds until the whole answer must be there; `null` for no limit. */
  timeoutMs?: number | null | undefined;
};

export type Transport = {
  /** Sends a request and reads the JSON of its answer; an answer without a body gives undefined. @throws ApiError */
  send: <Answer>(request: TransportRequest) => Promise<Answer>;
  /** The same, with the headers of the answer. @throws ApiError */
  sendWithHeaders: (request: TransportRequest) => Promise<{ answer: unknown; headers: Headers }>;
  /** Sends a request and hands over the response once its status is good; the body is the caller's. @throws ApiError */
  open: (request: TransportRequest) => Promise<Response>;
};

const DEFAULT_TIMEOUT_MS = 30_000;

/** Builds requests to one server: address, token, CSRF header, JSON, time limit; failures become ApiErrors. */
export function createTransport(options: TransportOptions): Transport {
  const fetchFunction: Fetch = options.fetch ?? ((address, init) => globalThis.fetch(address, init));
  const baseUrl = options.baseUrl.replace(/\/+$/, '');

  async function open(request: TransportRequest): Promise<Response> {
    const limitMs =
      request.timeoutMs === undefined ? (options.timeoutMs ?? DEFAULT_TIMEOUT_MS) : request.timeoutMs;
    const timeout = limitMs === null ? undefined : AbortSignal.timeout(limitMs);
    const signals = [request.signal, timeout].filter((signal) => signal !== undefined);
    const address = addressOf(baseUrl, request);
    let response: Response;
    try {
      response = await fetchFunction(address, {
        method: request.method ?? 'GET',
        headers: headersOf(options, request),
        ...(signals.length > 0 ? { signal: AbortSignal.any(signals) } : {}),
        ...(request.body === undefined ? {} : { body: bodyOf(request.body) }),
      });
    } catch (error) {
      throw translateFailure({ error, address, limitMs, request, timeout });
    }
    if (!response.ok) throw await readApiError(response);
    return response;
  }

  async function sendWithHeaders(request: TransportRequest): Promise<{ answer: unknown; headers: Headers }> {
    const response = await open(request);
    const text = await response.text().catch((error: unknown) => {
      throw translateFailure({
        error,
        address: addressOf(baseUrl, request),
        limitMs: null,
        request,
        timeout: undefined,
      });
    });
    if (text === '') return { answer: undefined, headers: response.headers };
    try {
      return { answer: JSON.parse(text) as unknown, headers: response.headers };
    } catch (cause) {
      throw new ApiError({
        code: 'unexpected_answer',
        status: response.status,
        detail: `${baseUrl || 'The server'} answered something that is not JSON. Check that the address is that of a WWHD server.`,
        cause,
      });
    }
  }

  return {
    open,
    sendWithHeaders,
    send: async <Answer>(request: TransportRequest) => (await sendWithHeaders(request)).answer as Answer,
  };
}

function addressOf(baseUrl: string, request: TransportRequest): string {
  const path = request.path.startsWith('//') ? request.path.slice(1) : `/api/v1${request.path}`;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined && value !== null) query.set(name, String(value));
  }
  const text = query.toString();
  return `${baseUrl}${path}${text === '' ? '' : `?${text}`}`;
}

function headersOf(options: TransportOptions, request: TransportRequest): Record<string, string> {
  const token = valueOf(options.token);
  const csrfToken =
    request.method === undefined || request.method === 'GET' ? undefined : valueOf(options.csrfToken);
  return {
    accept: 'application/json',
    ...(request.body === undefined || request.body instanceof FormData
      ? {}
      : { 'content-type': 'application/json' }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(csrfToken === undefined ? {} : { 'x-csrf-token': csrfToken }),
    ...request.headers,
  };
}

function valueOf(given: string | (() => string | undefined) | undefined): string | undefined {
  const value = typeof given === 'function' ? given() : given;
  return value === '' ? undefined : value;
}

function bodyOf(body: unknown): FormData | string {
  return body instanceof FormData ? body : JSON.stringify(body);
}

function translateFailure(failure: {
  error: unknown;
  address: string;
  limitMs: number | null;
  request: TransportRequest;
  timeout: AbortSignal | undefined;
}): unknown {
  const { error, address, limitMs, request, timeout } = failure;
  // Who aborted wants the own reason back, not an error of ours.
  if (request.signal?.aborted) return request.signal.reason;
  const server = originOf(address);
  if (timeout?.aborted) {
    const detail = `No answer from ${server} within ${(limitMs ?? 0) / 1000} seconds. Try again in a moment.`;
    return new ApiError({ code: 'timeout', status: 0, detail, cause: error });
  }
  const reason = reasonOf(error);
  const detail = `Cannot reach ${server}${reason === '' ? '' : ` (${reason})`}. Check that the server runs and that the address is right.`;
  return new ApiError({ code: 'unreachable', status: 0, detail, cause: error });
}

function originOf(address: string): string {
  return /^[a-z]+:\/\/[^/]+/i.exec(address)?.[0] ?? 'the server';
}

/** Node hides the reason (`ECONNREFUSED`) in the cause of a bare "fetch failed". */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return '';
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return code === '' ? cause.message : code;
}
