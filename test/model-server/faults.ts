import type { IncomingMessage, ServerResponse } from 'node:http';

/** What can go wrong on purpose, by name: in the header `x-fault`, after a `+` in the model's name, or from /control. */
export const faultNames = [
  'none',
  'slow-first-token',
  'hang',
  'silent-after-text',
  'cut-off',
  'cut-mid-token',
  'reset',
  'closed-mid-answer',
  'rate-limited',
  'rate-limited-long',
  'quota',
  'server-error',
  'error-in-stream',
  'unauthorized',
  'unknown-model',
  'too-long',
  'malformed-json',
  'malformed-after-text',
  'not-the-format',
  'wrong-content-type',
  'endless',
  'slow-drip',
  'split-characters',
  'split-surrogates',
  'no-usage',
  'no-done',
  'empty',
  'reject-stream-options',
  'reject-unexplained',
  'reject-max-tokens',
  'wrong-dimension',
  'missing-vector',
  'not-a-number',
] as const;

export type FaultName = (typeof faultNames)[number];

/** The fault that a text names; `none` for anything else. */
export function faultNamed(name: string | undefined): FaultName {
  return faultNames.find((known) => known === name) ?? 'none';
}

type Refusal = { status: number; headers?: Record<string, string>; body: unknown };

const openAiError = (message: string, fields: Record<string, unknown> = {}) => ({
  error: { message, ...fields },
});

const refusals: Partial<Record<FaultName, Refusal>> = {
  'rate-limited': {
    status: 429,
    headers: { 'retry-after': '1' },
    body: openAiError('Slow down.', { type: 'requests', code: 'rate_limit_exceeded' }),
  },
  'rate-limited-long': {
    status: 429,
    headers: { 'retry-after': '120' },
    body: openAiError('Slow down.', { type: 'tokens', code: 'rate_limit_exceeded' }),
  },
  quota: {
    status: 429,
    body: openAiError('No quota is left.', { type: 'insufficient_quota', code: 'insufficient_quota' }),
  },
  'server-error': { status: 500, body: openAiError('The server had an error.', { type: 'server_error' }) },
  unauthorized: {
    status: 401,
    body: openAiError('The key sk-12**89 is wrong.', { code: 'invalid_api_key' }),
  },
  'unknown-model': { status: 404, body: openAiError('No such model.', { code: 'model_not_found' }) },
  'too-long': {
    status: 400,
    body: openAiError('The context holds 8192 tokens.', {
      code: 'context_length_exceeded',
      param: 'messages',
    }),
  },
};

/** A refusal that depends on the body: servers that do not know one of the fields. */
function refuseField(fault: FaultName, body: Record<string, unknown>): Refusal | undefined {
  if (fault === 'reject-stream-options' && 'stream_options' in body) {
    const message = 'Unrecognized request argument supplied: stream_options';
    return { status: 400, body: openAiError(message, { type: 'invalid_request_error' }) };
  }
  if (fault === 'reject-unexplained' && 'stream_options' in body) {
    return { status: 422, body: { detail: [{ loc: ['body', 'stream_options'], type: 'extra_forbidden' }] } };
  }
  if (fault === 'reject-max-tokens' && 'max_tokens' in body) {
    const message = "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    return {
      status: 400,
      body: openAiError(message, { param: 'max_tokens', code: 'unsupported_parameter' }),
    };
  }
  if (fault === 'reject-max-tokens' && 'temperature' in body) {
    const message = "'temperature' does not support this value; only the default (1) is supported.";
    return { status: 400, body: openAiError(message, { param: 'temperature', code: 'unsupported_value' }) };
  }
  return undefined;
}

/**
 * Answers a request that goes wrong before a single token: by a status, a page, a broken body, a broken connection or
 * silence. False when the fault is none of these.
 */
export function answerWithFault(options: {
  fault: FaultName;
  body: Record<string, unknown>;
  request: IncomingMessage;
  response: ServerResponse;
}): boolean {
  const { fault, body, request, response } = options;
  const refusal = refusals[fault] ?? refuseField(fault, body);
  if (refusal) {
    response.writeHead(refusal.status, { 'content-type': 'application/json', ...refusal.headers });
    response.end(JSON.stringify(refusal.body));
    return true;
  }
  if (fault === 'reset') request.socket.resetAndDestroy();
  else if (fault === 'wrong-content-type') {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><p>Sign in to continue</p>');
  } else if (fault === 'malformed-json') {
    const isStream = body['stream'] === true;
    response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' });
    response.end(isStream ? 'data: {"choices": [{"delta"\n\n' : '{"data": [{"emb');
  } else if (fault === 'not-the-format') {
    const isStream = body['stream'] === true;
    response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' });
    response.end(isStream ? 'data: "hello"\n\ndata: [DONE]\n\n' : '"hello"');
  } else if (fault !== 'hang') return false;
  return true;
}
