import { createApiClient } from '../shared/api-client.ts';
import { ApiError } from '../shared/client/api-error.ts';
import { strings } from './strings.ts';

/** A problem as the page shows it: a sentence, and the seconds until a retry makes sense when the server said so. */
export type ShownProblem = { code: string; detail: string; retryAfterSeconds: number | null };

/** The page's own server. The session is a same-origin cookie; whoever asks without one becomes a guest. */
export const api = createApiClient({ baseUrl: '', csrfToken: readCsrfToken });

/** Whether this browser has a session, a guest's included. */
export function hasSession(): boolean {
  return readCsrfToken() !== undefined;
}

/** The token of the session that unsafe requests repeat in a header; undefined without a session. */
function readCsrfToken(): string | undefined {
  const token = /(?:^|;\s*)wwhd_csrf=([^;]+)/u.exec(document.cookie)?.[1];
  return token === undefined ? undefined : decodeURIComponent(token);
}

/** Any failure in words for the visitor; only what the server said about a request is shown as it said it. */
export function describeProblem(error: unknown): ShownProblem {
  if (!(error instanceof ApiError)) {
    return { code: 'internal', detail: strings.problem.unexpected, retryAfterSeconds: null };
  }
  const isLost = error.code === 'unreachable' || error.code === 'timeout';
  return {
    code: error.code,
    detail: isLost ? strings.problem.unreachable : error.detail,
    retryAfterSeconds: error.retryAfterSeconds ?? null,
  };
}

/** The problem of each named field of a refused form, and the sentence for all that names no field. */
export function describeFields(error: unknown): { fields: Record<string, string>; rest: string | null } {
  const errors = error instanceof ApiError ? error.errors : [];
  const fields = Object.fromEntries(
    errors.map(({ path, message }) => [path.split(/[./]/u).at(-1) ?? path, message]),
  );
  return { fields, rest: errors.length > 0 ? null : describeProblem(error).detail };
}

/** The address of a document's original, opened at a page (from 1) when one is given. */
export function fileAddress(documentId: number, page: number | null): string {
  return `/api/v1/documents/${documentId}/file${page === null ? '' : `#page=${page}`}`;
}
