import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { stringify } from 'yaml';

import type { ApiClient } from '../../shared/api-client.ts';
import type { Document } from '../../shared/documents.ts';
import type { DocumentsFileEntry } from '../../shared/knowledge-folder.ts';
import { retryPolitely, type Wait } from '../import/retry-politely.ts';
import { safeFileName } from './safe-file-name.ts';

const PAGE_SIZE = 100;

export type ExportedNamespace = {
  documents: number;
  /** Documents whose original could not be fetched, with the reason. */
  failures: { title: string; reason: string }[];
};

/**
 * Writes the originals of a namespace into a new folder, oldest first, and last the `documents.yaml` that names them.
 * @param options.folder where to write; made here
 * @throws ApiError when the list cannot be read, Error when a file cannot be written
 */
export async function exportNamespace(options: {
  client: Pick<ApiClient, 'listDocuments' | 'downloadDocument'>;
  namespace: string;
  folder: string;
  wait: Wait;
  onDocument: (title: string) => void;
}): Promise<ExportedNamespace> {
  const { client, namespace, folder, wait, onDocument } = options;
  await mkdir(folder, { recursive: true });
  const taken = new Set(['documents.yaml']);
  const entries: DocumentsFileEntry[] = [];
  const failures: ExportedNamespace['failures'] = [];
  for (const document of await listAll(options)) {
    onDocument(document.title);
    let bytes: Uint8Array;
    try {
      bytes = await retryPolitely(() => client.downloadDocument(document.id), wait);
    } catch (error) {
      failures.push({ title: `${namespace}: ${document.title}`, reason: (error as Error).message });
      continue;
    }
    const file = safeFileName(document.file_name ?? 'document.md', taken);
    await writeFile(join(folder, file), bytes, { flag: 'wx' });
    entries.push(entryOf(document, file));
  }
  await writeFile(join(folder, 'documents.yaml'), stringify({ documents: entries }), { flag: 'wx' });
  return { documents: entries.length, failures };
}

async function listAll(options: {
  client: Pick<ApiClient, 'listDocuments'>;
  namespace: string;
  wait: Wait;
}): Promise<Document[]> {
  const { client, namespace, wait } = options;
  const found = new Map<number, Document>();
  for (let skip = 0; ; skip += PAGE_SIZE) {
    const query = { namespace, skip, limit: PAGE_SIZE };
    const { documents, total } = await retryPolitely(() => client.listDocuments(query), wait);
    for (const document of documents) found.set(document.id, document);
    if (documents.length === 0 || skip + documents.length >= total) break;
  }
  return [...found.values()].sort((left, right) => left.id - right.id);
}

function entryOf(document: Document, file: string): DocumentsFileEntry {
  const { title, author, published_date, youtube_url, source_url, tags, metadata_json } = document;
  return {
    file,
    title,
    ...(author === null ? {} : { author }),
    ...(published_date === null ? {} : { published_date }),
    ...(youtube_url === null ? {} : { youtube_url }),
    ...(source_url === null ? {} : { source_url }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(Object.keys(metadata_json).length === 0 ? {} : { metadata: metadata_json }),
  };
}
