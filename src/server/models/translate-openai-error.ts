import { secondsOfRetryAfter } from '../../shared/client/api-error.ts';
import { ModelError, type ModelFailureReason, type ModelIdentity } from './model-error.ts';

type Fault = {
  status: number | undefined;
  code: string | undefined;
  type: string | undefined;
  requestId: string | undefined;
  headers: Headers | undefined;
};

/**
 * An error of the `openai` client, of fetch, or of reading the stream as a ModelError. What the provider wrote is left
 * out of it and of its cause: it may repeat the prompt or a part of the key.
 */
export function translateOpenAiError(
  error: unknown,
  options: { identity: ModelIdentity; now: () => Date },
): ModelError {
  if (error instanceof ModelError) return error;
  const { identity, now } = options;
  const fault = readFault(error);
  const reason = reasonOf(error, fault);
  const retryAfterSeconds = readRetryAfter(fault.headers, now);
  return new ModelError(reason, describe(reason, { ...identity, fault }), {
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    cause: withoutContent(error, fault),
  });
}

function readFault(error: unknown): Fault {
  const fields = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  const code =
    typeof fields['code'] === 'string' || typeof fields['code'] === 'number'
      ? String(fields['code'])
      : undefined;
  // Routers such as OpenRouter report an upstream status as the code of an error inside the stream.
  const inner = code !== undefined && /^[45]\d\d$/.test(code) ? Number(code) : undefined;
  return {
    status: typeof fields['status'] === 'number' ? fields['status'] : inner,
    code,
    type: typeof fields['type'] === 'string' ? fields['type'] : undefined,
    requestId: typeof fields['requestID'] === 'string' ? fields['requestID'] : undefined,
    headers: fields['headers'] instanceof Headers ? fields['headers'] : undefined,
  };
}

function reasonOf(error: unknown, fault: Fault): ModelFailureReason {
  const { status } = fault;
  if (status === undefined) {
    if (error instanceof SyntaxError) return 'malformed';
    if (error instanceof Error && /timed? ?out/i.test(`${error.name} ${error.message}`)) return 'timeout';
    // An error that the provider put into the stream has the client's headers but no status.
    return fault.headers ? 'server-error' : 'network';
  }
  if (fault.code === 'insufficient_quota' || fault.type === 'insufficient_quota' || status === 402)
    return 'quota';
  if (status === 429) return 'rate-limited';
  if (status === 401 || status === 403 || status === 404) return 'refused';
  if (status >= 500 || status === 408 || status === 409 || status === 425) return 'server-error';
  return status >= 400 ? 'rejected' : 'malformed';
}

function describe(reason: ModelFailureReason, about: ModelIdentity & { fault: Fault }): string {
  const { provider, model, fault } = about;
  const status = fault.status === undefined ? '' : ` (${fault.status})`;
  switch (reason) {
    case 'timeout':
      return `${provider} took too long to answer. Ask again.`;
    case 'rate-limited':
      return `${provider} limits the calls to ${model} at the moment. Ask again in a little while.`;
    case 'quota':
      return `The account at ${provider} has nothing left to spend${status}. Check its plan and billing.`;
    case 'refused':
      return fault.status === 404
        ? `${provider} does not know the model ${model} or the address is wrong${status}. Check both.`
        : `${provider} refused the API key for ${model}${status}. Check the key and its rights.`;
    case 'rejected':
      return `${provider} did not accept the request to ${model}${status}; it may be too long for the model.`;
    case 'server-error':
      return `${provider} had an error of its own${status}. Ask again.`;
    case 'malformed':
      return `${provider} sent something that is not its wire format. Check that the address is that of an OpenAI-compatible API.`;
    default:
      return `The connection to ${provider} failed. Check its address and that it runs.`;
  }
}

function readRetryAfter(headers: Headers | undefined, now: () => Date): number | undefined {
  const inMs = Number(headers?.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(inMs) && inMs >= 0) return inMs / 1_000;
  return secondsOfRetryAfter(headers?.get('retry-after') ?? null, () => now().getTime());
}

function withoutContent(error: unknown, fault: Fault): Error {
  const { status, code, type, requestId } = fault;
  const facts = { status, code, type, request: requestId, network: networkCodeOf(error) };
  const known = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${value}`],
  );
  const kind = error instanceof Error ? error.constructor.name : typeof error;
  return new Error([kind, ...known].join(', '));
}

/** Such as ECONNREFUSED; fetch hides it in a chain of causes. */
function networkCodeOf(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    const { code } = cause as { code?: unknown };
    if (typeof code === 'string' && /^[A-Z_]+$/.test(code)) return code;
  }
  return undefined;
}
