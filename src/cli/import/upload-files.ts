import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';

import type { ApiClient } from '../../shared/api-client.ts';
import type { Document } from '../../shared/documents.ts';
import type { ImportItem } from './plan-import.ts';
import { retryPolitely, type Wait } from './retry-politely.ts';

/** What became of one file; `waiting` until the server has indexed it. */
export type ImportResult = {
  fileName: string;
  status: 'indexed' | 'duplicate' | 'waiting' | 'failed';
  documentId: number | null;
  detail: string | null;
};

/** Uploads files, `parallel` at a time, and tells of each one as it is through. Results are in the order of the items. */
export async function uploadFiles(options: {
  client: Pick<ApiClient, 'uploadDocument'>;
  items: readonly ImportItem[];
  parallel: number;
  wait: Wait;
  onUploaded: (result: ImportResult) => void;
}): Promise<ImportResult[]> {
  const { client, items, parallel, wait, onUploaded } = options;
  const results: ImportResult[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const index = next;
      next += 1;
      const item = items[index];
      if (item === undefined) return;
      const result = await uploadFile({ client, item, wait });
      results[index] = result;
      onUploaded(result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, work));
  return results;
}

async function uploadFile(options: {
  client: Pick<ApiClient, 'uploadDocument'>;
  item: ImportItem;
  wait: Wait;
}): Promise<ImportResult> {
  const { client, item, wait } = options;
  const { fileName } = item;
  try {
    const file = { name: basename(item.path), bytes: await openAsBlob(item.path) };
    const document = await retryPolitely(() => client.uploadDocument(file, item.fields), wait);
    return { fileName, documentId: document.id, ...outcomeOf(document) };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { fileName, status: 'failed', documentId: null, detail };
  }
}

/** The outcome that a document's state means; `waiting` while the server works on it. */
export function outcomeOf(
  document: Pick<Document, 'status' | 'error' | 'duplicate' | 'warnings'>,
): Pick<ImportResult, 'status' | 'detail'> {
  if (document.status === 'indexed') {
    const warnings = document.warnings.length === 0 ? null : document.warnings.join(' ');
    return { status: document.duplicate === true ? 'duplicate' : 'indexed', detail: warnings };
  }
  if (document.status === 'failed' || document.status === 'quarantined')
    return { status: 'failed', detail: document.error ?? `The document is ${document.status}.` };
  return { status: 'waiting', detail: null };
}
