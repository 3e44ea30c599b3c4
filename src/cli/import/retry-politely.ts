import { ApiError } from '../../shared/client/api-error.ts';

export type Wait = (delayMs: number) => Promise<void>;

const MAXIMUM_ATTEMPTS = 8;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 60_000;

/**
 * Runs a request again when the server is busy, limits the rate or cannot be reached, after the time that it asks for
 * (`Retry-After`), else after delays that double. Other errors pass at once.
 * @throws ApiError the last one, after 8 attempts
 */
export async function retryPolitely<Answer>(request: () => Promise<Answer>, wait: Wait): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await request();
    } catch (error) {
      if (attempt === MAXIMUM_ATTEMPTS || !isPassing(error)) throw error;
      const askedMs = (error as ApiError).retryAfterSeconds;
      const delayMs = askedMs === undefined ? FIRST_DELAY_MS * 2 ** (attempt - 1) : askedMs * 1000;
      await wait(Math.min(LONGEST_DELAY_MS, delayMs));
    }
  }
}

function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return ['unreachable', 'timeout'].includes(error.code) || [429, 502, 503, 504].includes(error.status);
}
