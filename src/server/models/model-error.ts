import { AppError } from '../errors.ts';

/**
 * Why a model gave nothing: `timeout` too slow · `rate-limited` 429 · `quota` nothing left to spend · `server-error` 5xx
 * or an error inside the stream · `network` no connection, or it broke · `cut-off` the stream ended before its end ·
 * `malformed` not the wire format, or nothing in it · `refused` key or model name wrong · `rejected` this request is not
 * acceptable · `paused` the breaker is open · `busy` our own queue is full.
 */
export type ModelFailureReason =
  | 'timeout'
  | 'rate-limited'
  | 'quota'
  | 'server-error'
  | 'network'
  | 'cut-off'
  | 'malformed'
  | 'refused'
  | 'rejected'
  | 'paused'
  | 'busy';

/** Which model of which provider; both stand in error messages and events. */
export type ModelIdentity = { provider: string; model: string };

const passing: ReadonlySet<ModelFailureReason> = new Set([
  'rate-limited',
  'server-error',
  'network',
  'cut-off',
]);
const ours: ReadonlySet<ModelFailureReason> = new Set(['rejected', 'paused', 'busy']);

/** The AppError `model_unavailable` with its reason. Its message is fit for users: no keys, addresses or prompts. */
export class ModelError extends AppError {
  readonly reason: ModelFailureReason;

  constructor(
    reason: ModelFailureReason,
    message: string,
    options: { retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super('model_unavailable', message, options);
    this.name = 'ModelError';
    this.reason = reason;
  }
}

/** Whether the same request may succeed in a moment. Not after a timeout: the user has waited enough. */
export function isRetryable(error: unknown): error is ModelError {
  return error instanceof ModelError && passing.has(error.reason);
}

/** Whether the failure says that the model is unwell, and not that one request or our own limits were at fault. */
export function countsAgainstModel(error: unknown): boolean {
  return !(error instanceof ModelError) || !ours.has(error.reason);
}

/** Any error of an adapter as a ModelError; one that is not one yet is a fault in what came over the wire. */
export function toModelError(error: unknown, modelId: string): ModelError {
  if (error instanceof ModelError) return error;
  return new ModelError('malformed', `The model ${modelId} could not be understood. Ask again.`, {
    cause: error,
  });
}
