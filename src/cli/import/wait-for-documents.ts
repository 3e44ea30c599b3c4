import type { ApiClient } from '../../shared/api-client.ts';
import { retryPolitely, type Wait } from './retry-politely.ts';
import { type ImportResult, outcomeOf } from './upload-files.ts';

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 5_000;
const PAGE_SIZE = 100;

/**
 * Waits until the server has indexed, or failed to index, every waiting document. It lists the unfinished documents of
 * the namespace instead of asking for each, so that a large import stays below the rate limit.
 * @returns the results with their final states
 * @throws ApiError when the server stays away
 */
export async function waitForDocuments(options: {
  client: Pick<ApiClient, 'listDocuments' | 'getDocument'>;
  namespace: string;
  results: readonly ImportResult[];
  wait: Wait;
  onProgress: (remaining: number) => void;
}): Promise<ImportResult[]> {
  const { client, namespace, wait, onProgress } = options;
  let results = [...options.results];
  let delayMs = FIRST_DELAY_MS;
  for (;;) {
    const waiting = results.filter((result) => result.status === 'waiting').length;
    onProgress(waiting);
    if (waiting === 0) return results;
    await wait(delayMs);
    delayMs = Math.min(LONGEST_DELAY_MS, delayMs * 2);
    const unfinished = new Set([
      ...(await listIds({ client, namespace, status: 'pending', wait })),
      ...(await listIds({ client, namespace, status: 'processing', wait })),
    ]);
    const finished: ImportResult[] = [];
    for (const result of results) {
      const isOver =
        result.status === 'waiting' && result.documentId !== null && !unfinished.has(result.documentId);
      finished.push(isOver ? await readOutcome({ client, result, wait }) : result);
    }
    results = finished;
  }
}

async function listIds(options: {
  client: Pick<ApiClient, 'listDocuments'>;
  namespace: string;
  status: string;
  wait: Wait;
}): Promise<number[]> {
  const { client, namespace, status, wait } = options;
  const ids: number[] = [];
  for (let skip = 0; ; skip += PAGE_SIZE) {
    const query = { namespace, status, skip, limit: PAGE_SIZE };
    const { documents, total } = await retryPolitely(() => client.listDocuments(query), wait);
    ids.push(...documents.map((document) => document.id));
    if (documents.length === 0 || skip + documents.length >= total) return ids;
  }
}

async function readOutcome(options: {
  client: Pick<ApiClient, 'getDocument'>;
  result: ImportResult;
  wait: Wait;
}): Promise<ImportResult> {
  const { client, result, wait } = options;
  const document = await retryPolitely(() => client.getDocument(Number(result.documentId)), wait);
  return { ...result, ...outcomeOf(document) };
}
