import type { z } from 'zod';

import type {
  createDocumentSchema,
  createNamespaceSchema,
  Document,
  documentStatusResponseSchema,
  Job,
  Namespace,
  Passage,
  searchResultSchema,
  searchSchema,
  updateDocumentSchema,
  updateNamespaceSchema,
  UploadFields,
} from '../documents.ts';
import type { DocumentVersion, Generation } from '../generations.ts';
import type { Transport } from './create-transport.ts';

export type DocumentStatusAnswer = z.infer<typeof documentStatusResponseSchema>;
export type SearchResult = z.infer<typeof searchResultSchema>;

/** Parsing a large file may take a while before the server answers. */
const UPLOAD_TIMEOUT_MS = 120_000;

/** Calls about namespaces, documents, search and jobs. */
export function createKnowledgeCalls({ send, sendWithHeaders, open }: Transport) {
  return {
    listNamespaces: () => send<Namespace[]>({ path: '/documents/namespaces' }),
    createNamespace: (namespace: z.input<typeof createNamespaceSchema>) =>
      send<Namespace>({ method: 'POST', path: '/namespaces', body: namespace }),

    updateNamespace: (name: string, change: z.input<typeof updateNamespaceSchema>) =>
      send<Namespace>({ method: 'PATCH', path: `/namespaces/${encodeURIComponent(name)}`, body: change }),

    /** One page of documents and how many there are in all. */
    listDocuments: async (
      query: { namespace?: string; status?: string; q?: string; skip?: number; limit?: number } = {},
    ) => {
      const { answer, headers } = await sendWithHeaders({ path: '/documents/', query });
      const documents = answer as Document[];
      const total = headers.get('x-total-count');
      return { documents, total: total === null ? documents.length : Number(total) };
    },
    getDocument: (documentId: number) => send<Document>({ path: `/documents/${documentId}` }),
    createDocument: (document: z.input<typeof createDocumentSchema>) =>
      send<Document>({ method: 'POST', path: '/documents/', body: document, timeoutMs: UPLOAD_TIMEOUT_MS }),
    /** The bytes of a document's original file. */
    downloadDocument: async (documentId: number): Promise<Uint8Array> => {
      const response = await open({ path: `/documents/${documentId}/file`, timeoutMs: UPLOAD_TIMEOUT_MS });
      return new Uint8Array(await response.arrayBuffer());
    },
    /** Uploads a file with its fields; a file that is already there comes back with `duplicate: true`. */
    uploadDocument: (
      file: { name: string; bytes: Blob },
      fields: UploadFields,
      options: { signal?: AbortSignal } = {},
    ) =>
      send<Document>({
        method: 'POST',
        path: '/documents/upload',
        body: uploadForm(file, fields),
        signal: options.signal,
        timeoutMs: UPLOAD_TIMEOUT_MS,
      }),
    updateDocument: (documentId: number, change: z.input<typeof updateDocumentSchema>) =>
      send<Document>({ method: 'PUT', path: `/documents/${documentId}`, body: change }),
    removeDocument: (documentId: number, query: { dry_run?: boolean } = {}) =>
      send<unknown>({ method: 'DELETE', path: `/documents/${documentId}`, query }),
    documentStatus: (documentId: number) =>
      send<DocumentStatusAnswer>({ path: `/documents/${documentId}/status` }),
    listPassages: (documentId: number, options: { version?: number; signal?: AbortSignal } = {}) =>
      send<Passage[]>({
        path: `/documents/${documentId}/passages`,
        query: { version: options.version },
        signal: options.signal,
      }),
    /** A version of a document as it was, for the words that an old answer cites. */
    readVersion: (documentId: number, version: number) =>
      send<DocumentVersion>({ path: `/documents/${documentId}/versions/${version}` }),
    search: (query: z.input<typeof searchSchema>) =>
      send<SearchResult[]>({ method: 'POST', path: '/documents/search', body: query }),

    listGenerations: () => send<Generation[]>({ path: '/index/generations' }),
    /** Builds the search index anew beside the one that answers. */
    rebuildIndex: (options: { activate?: boolean } = {}) =>
      send<Job>({ method: 'POST', path: '/index/generations', body: options }),
    activateGeneration: (generationId: number) =>
      send<Job>({ method: 'POST', path: `/index/generations/${generationId}/activate`, body: {} }),

    getJob: (jobId: number) => send<Job>({ path: `/jobs/${jobId}` }),
    listJobs: (query: { skip?: number; limit?: number; status?: string } = {}) =>
      send<Job[]>({ path: '/jobs', query }),
    retryJob: (jobId: number) => send<Job>({ method: 'POST', path: `/jobs/${jobId}/retry`, body: {} }),
    cancelJob: (jobId: number) => send<unknown>({ method: 'DELETE', path: `/jobs/${jobId}` }),
  };
}

/** The fields go before the file, so that the server knows the namespace when the bytes begin. */
function uploadForm(file: { name: string; bytes: Blob }, fields: UploadFields): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === null) continue;
    form.append(name, fieldText(value));
  }
  form.append('file', file.bytes, file.name);
  return form;
}

/** Lists (tags) go as words between commas, or as JSON when a word has a comma itself; objects (metadata) as JSON. */
function fieldText(value: string | string[] | Record<string, unknown>): string {
  if (typeof value === 'string') return value;
  const isPlainList = Array.isArray(value) && !value.some((word) => /^\s*\[|,/.test(word));
  return isPlainList ? value.join(',') : JSON.stringify(value);
}
