import { type DestinationStream, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

/** Fields that never reach the log, wherever the caller puts them, down to the third level. */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  '["set-cookie"]',
  'password',
  'current_password',
  'new_password',
  'token',
  'access_token',
  'refresh_token',
  'accessToken',
  'refreshToken',
  'apiKey',
  'api_key',
  'secret',
  'csrf',
  'content',
  'text',
  'question',
  'answer',
  'prompt',
  'messages',
];

type SerialisedError = {
  type: string;
  message: string;
  stack: string;
  code?: unknown;
  cause?: SerialisedError;
};

/**
 * Makes the log: one JSON object a line, or readable lines in a terminal. It carries no message text, token,
 * password or query; requests appear as method, route pattern and status.
 * @param options.destination where lines go; default standard output
 */
export function createLogger(options: {
  level: string;
  isPretty: boolean;
  destination?: DestinationStream;
}): Logger {
  const { level, isPretty, destination } = options;
  const paths = SECRET_FIELDS.flatMap((field) => {
    const join = field.startsWith('[') ? '' : '.';
    return [field, `*${join}${field}`, `*.*${join}${field}`];
  });
  const settings = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths, censor: '[removed]' },
    serializers: { err: serialiseError, req: () => undefined, res: () => undefined },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (destination !== undefined) return pino(settings, destination);
  if (!isPretty) return pino(settings);
  return pino(settings, pretty({ colorize: true, ignore: 'time', sync: true, singleLine: true }));
}

/** Only what explains the error: libraries hang whole requests, with their headers, onto theirs. */
function serialiseError(error: unknown): SerialisedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an error', stack: '' };
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: error.message,
    stack: error.stack ?? '',
    ...(code === undefined ? {} : { code }),
    ...(error.cause instanceof Error ? { cause: serialiseError(error.cause) } : {}),
  };
}
