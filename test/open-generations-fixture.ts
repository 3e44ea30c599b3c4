import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { openDatabase } from '../src/server/database/open-database.ts';
import { createAddDocument, INGEST_JOB } from '../src/server/features/knowledge/add-document.ts';
import { createDocumentStore } from '../src/server/features/knowledge/document-store.ts';
import { openGenerations } from '../src/server/features/knowledge/generations/open-generations.ts';
import type { JudgeCandidate } from '../src/server/features/knowledge/generations/verify-generation.ts';
import { createIngestHandler } from '../src/server/features/knowledge/ingest-document.ts';
import { createNamespaceStore } from '../src/server/features/knowledge/namespace-store.ts';
import { readPassages } from '../src/server/features/knowledge/read-passages.ts';
import { createVersionReader } from '../src/server/features/knowledge/read-version.ts';
import {
  createPurgeBlobsHandler,
  createRemoveDocuments,
  PURGE_BLOBS_JOB,
} from '../src/server/features/knowledge/remove-documents.ts';
import { createFileBlobStore } from '../src/server/ingestion/blob-store.ts';
import { parseDocument } from '../src/server/ingestion/parse-document.ts';
import type { JobQueue, JobRecord } from '../src/server/jobs/job-queue.ts';
import { createSqlJobQueue } from '../src/server/jobs/sql-job-queue.ts';
import {
  connectedEmbeddingModel,
  type EmbeddingConnection,
} from '../src/server/models/connect-embedding-model.ts';
import type { EmbeddingModel } from '../src/server/models/embedding-model.ts';
import { createEmbeddedPassageIndex } from '../src/server/retrieval/embedded-passage-index.ts';
import type { PassageIndex } from '../src/server/retrieval/passage-index.ts';

export type GenerationsFixture = Awaited<ReturnType<typeof openGenerationsFixture>>;

export type GenerationsFixtureOptions = {
  /** The folder of an earlier fixture, to go on with its data. */
  folder?: string;
  embeddingModel?: EmbeddingModel;
  connection?: EmbeddingConnection;
  judge?: JudgeCandidate;
  /** For work outside a test: closing and removing is the caller's then. */
  isKept?: boolean;
  /** Stands between the generations and each index they open. */
  wrapIndex?: (index: PassageIndex) => PassageIndex;
};

const WAIT_MS = 20_000;

/** The knowledge base without HTTP on a real SQLite file: documents, jobs, generations. Closed after the test. */
export async function openGenerationsFixture(options: GenerationsFixtureOptions = {}) {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'wwhd-generations-'));
  const now = () => new Date();
  const { database, close: closeDatabase } = await openDatabase({
    path: join(folder, 'app.db'),
    isServer: false,
    now,
  });
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const embedding =
    options.connection ?? (options.embeddingModel && connectedEmbeddingModel(options.embeddingModel));
  const wrapIndex = options.wrapIndex ?? ((index: PassageIndex) => index);
  const generations = await openGenerations({
    database,
    embedding,
    now,
    onError,
    jobs: () => queue,
    createIndex: ({ id, dimension }) =>
      wrapIndex(
        createEmbeddedPassageIndex({
          database,
          generationId: id,
          now,
          ...(dimension === null ? {} : { dimension }),
        }),
      ),
    ...(options.judge ? { judge: options.judge } : {}),
  });
  const blobs = createFileBlobStore(join(folder, 'blobs'));
  const queue: JobQueue = createSqlJobQueue({
    database,
    instanceId: 'test',
    now,
    onError,
    handlers: {
      ...generations.handlers,
      [PURGE_BLOBS_JOB]: createPurgeBlobsHandler({ database, blobs }),
      [INGEST_JOB]: createIngestHandler({
        database,
        blobs,
        parse: parseDocument,
        generation: generations.active,
        now,
      }),
    },
  });
  const documents = createDocumentStore({ database, now });
  const addDocument = createAddDocument({ database, documents, blobs, jobs: queue, now });
  const removal = createRemoveDocuments({ database, jobs: queue, generation: generations.active, now });
  await createNamespaceStore({ database, now }).insert({
    name: 'tea',
    title: 'Tea',
    description: '',
    personaId: null,
    visibility: 'public',
  });
  queue.start();

  async function ended(jobId: number): Promise<JobRecord> {
    await queue.waitForEnd(jobId, WAIT_MS);
    return database.selectFrom('jobs').selectAll().where('id', '=', jobId).executeTakeFirstOrThrow();
  }
  let isClosed = false;
  async function close(): Promise<void> {
    if (isClosed) return;
    isClosed = true;
    await queue.stop();
    await generations.close();
    await closeDatabase();
  }
  if (options.isKept !== true) {
    onTestFinished(async () => {
      await close();
      rmSync(folder, { recursive: true, force: true });
    });
  }

  return {
    folder,
    database,
    queue,
    generations,
    errors,
    ended,
    close,
    versions: createVersionReader({ database }),
    remove: removal.remove,
    /** Adds a document and waits until it is searchable. @returns its id */
    async add(title: string, text: string): Promise<number> {
      const bytes = new TextEncoder().encode(text);
      const file = { namespace: 'tea', title, fileName: `${title}.md`, bytes, uploadedBy: null };
      const { documentId, jobId } = await addDocument.add(file);
      if (jobId !== null) await ended(jobId);
      return documentId;
    },
    /** Gives a document new content and waits until it is searchable. */
    async change(documentId: number, text: string): Promise<void> {
      const record = await documents.find(documentId);
      if (!record) throw new Error(`No document ${documentId}.`);
      const content = { bytes: new TextEncoder().encode(text), fileName: 'changed.md', changedBy: null };
      const jobId = await addDocument.addVersion(record, content);
      if (jobId !== undefined) await ended(jobId);
    },
    /** Ids of the documents that a question finds, best first, as a turn finds them. */
    async find(text: string): Promise<number[]> {
      const { index, embeddingModel } = generations.active();
      const [vector] = embeddingModel ? await embeddingModel.embed([text], new AbortController().signal) : [];
      const { candidates } = await index.search({
        text,
        namespaces: ['tea'],
        limit: 20,
        ...(vector ? { vector } : {}),
      });
      const passages = await readPassages(database, { candidates, namespaces: ['tea'] });
      return [...new Set(passages.map((passage) => passage.documentId))];
    },
    /** Says that a generation was built by an older splitter, as after an update of the program. */
    async age(generationId: number): Promise<void> {
      await database
        .updateTable('indexGenerations')
        .set({ splitterVersion: 0 })
        .where('id', '=', generationId)
        .execute();
    },
    statuses: async () => (await generations.list()).map(({ id, status }) => `${id} ${status}`).toReversed(),
  };
}

export type TestEmbeddingModel = EmbeddingModel & {
  /** Texts that were embedded, in order. */
  readonly texts: string[];
  /** Called before each answer. */
  beforeAnswer: () => Promise<void> | void;
};

/** An embedding model that counts words by hash, so that texts with the same words are near each other. */
export function createTestEmbeddingModel(id: string, dimension = 16): TestEmbeddingModel {
  const texts: string[] = [];
  const model: TestEmbeddingModel = {
    id,
    dimension,
    texts,
    beforeAnswer: () => {},
    async embed(asked, signal) {
      await model.beforeAnswer();
      signal.throwIfAborted();
      texts.push(...asked);
      return asked.map((text) => embedWords(text, dimension));
    },
  };
  return model;
}

function embedWords(text: string, dimension: number): Float32Array {
  const vector = new Float32Array(dimension);
  for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? []) {
    let hash = 7;
    for (const character of word) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 9_973;
    vector[hash % dimension] = (vector[hash % dimension] ?? 0) + 1;
  }
  const norm = Math.hypot(...vector) || 1;
  return vector.map((value) => value / norm);
}
