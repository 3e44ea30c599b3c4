import { join } from 'node:path';

import { type Kysely, sql } from 'kysely';

import type { Config } from '../../config.ts';
import type { Tables } from '../../database/tables.ts';
import type { App } from '../../http/http-app.ts';
import { createFileBlobStore } from '../../ingestion/blob-store.ts';
import { createDocumentParser } from '../../ingestion/create-document-parser.ts';
import type { JobHandler, JobQueue } from '../../jobs/job-queue.ts';
import { createSqlJobQueue } from '../../jobs/sql-job-queue.ts';
import type { Models } from '../../models/open-models.ts';
import { type ReadPassages, retrieve } from '../../pipeline/retrieve.ts';
import { createEmbeddedPassageIndex } from '../../retrieval/embedded-passage-index.ts';
import type { PersonaRegistry } from '../personas/persona-registry.ts';
import { createRetrievalCounter } from './count-retrievals.ts';
import { createAddDocument, INGEST_JOB } from './add-document.ts';
import { describeKnowledge } from './describe-knowledge.ts';
import { createDocumentStore } from './document-store.ts';
import { registerDocuments } from './documents-routes.ts';
import { registerFiles } from './files-routes.ts';
import { registerGenerations } from './generations/generations-routes.ts';
import { openGenerations } from './generations/open-generations.ts';
import { createIngestHandler } from './ingest-document.ts';
import { createJobStore } from './job-store.ts';
import { registerJobs } from './jobs-routes.ts';
import { createKnowledge } from './knowledge.ts';
import { createNamespaceStore } from './namespace-store.ts';
import { registerNamespaces } from './namespaces-routes.ts';
import { readPassages as readPassagesFrom } from './read-passages.ts';
import { createVersionReader } from './read-version.ts';
import { createPurgeBlobsHandler, createRemoveDocuments, PURGE_BLOBS_JOB } from './remove-documents.ts';
import { registerSearch } from './search-routes.ts';
import { registerVersions } from './versions-routes.ts';

const INGEST_POLL_MS = 50;

export type OpenKnowledgeOptions = {
  database: Kysely<Tables>;
  config: Pick<Config, 'data'>;
  personas: PersonaRegistry;
  models: Models;
  now: () => Date;
  instanceId: string;
  onError: (error: unknown, context: object) => void;
};

/** Opens the knowledge base: originals, index, job queue and what the routes need. */
export async function openKnowledge(options: OpenKnowledgeOptions) {
  const { database, config, personas, models, now, instanceId, onError } = options;
  const { embedding } = models;
  const blobs = createFileBlobStore(join(config.data.folder, 'blobs'));
  const parser = createDocumentParser();
  const generations = await openGenerations({
    database,
    embedding,
    now,
    onError,
    jobs: () => queue,
    createIndex: ({ id, dimension }) =>
      createEmbeddedPassageIndex({
        database,
        generationId: id,
        now,
        onMergeError: (error) => onError(error, { step: 'merge' }),
        ...(dimension === null ? {} : { dimension }),
      }),
  });
  const ensureWanted = () => {
    generations
      .ensureWanted()
      .catch((error: unknown) => onError(error, { step: 'look for changes of the index setup' }));
  };
  let onChanged = () => {};
  const ingest = createIngestHandler({
    database,
    blobs,
    parse: parser.parse,
    generation: generations.active,
    now,
  });
  const notifying: JobHandler = {
    ...ingest,
    run: async (job, context) => {
      await ingest.run(job, context);
      onChanged();
    },
  };
  const queue: JobQueue = createSqlJobQueue({
    database,
    instanceId,
    now,
    onError,
    handlers: {
      ...generations.handlers,
      [INGEST_JOB]: notifying,
      [PURGE_BLOBS_JOB]: createPurgeBlobsHandler({ database, blobs }),
    },
  });
  const documents = createDocumentStore({ database, now });
  const namespaces = createNamespaceStore({ database, now });
  const access = createKnowledge({ namespaces, documents, personas: personas.list() });
  const addDocument = createAddDocument({ database, documents, blobs, jobs: queue, now });
  const removal = createRemoveDocuments({ database, jobs: queue, generation: generations.active, now });
  const removeDocuments = {
    count: removal.count,
    remove: async (ids: readonly number[]) => {
      const removed = await removal.remove(ids);
      onChanged();
      return removed;
    },
  };
  const retrievals = createRetrievalCounter({
    database,
    onError: (error) => onError(error, { step: 'count retrievals' }),
  });
  const jobs = createJobStore({ database, queue });
  const readPassages: ReadPassages = (selection) => readPassagesFrom(database, selection);
  const versions = createVersionReader({ database });
  const embeddingModelId = () => generations.active().embeddingModel?.id ?? null;

  return {
    access,
    namespaces,
    addDocument,
    readPassages,
    index: () => generations.active().index,
    embeddingModel: () => generations.active().embeddingModel,
    generations,
    describe: (names: readonly string[]) => describeKnowledge(database, names),
    countRetrievals: retrievals.add,
    onChanged: (listener: () => void) => {
      onChanged = listener;
    },
    /** @param isAlone this server owns the data alone, so that what others had begun is queued again */
    async start({ isAlone }: { isAlone: boolean }): Promise<void> {
      if (isAlone) await queue.releaseOthers();
      queue.start();
      embedding?.onOpened(ensureWanted);
      ensureWanted();
    },
    jobsState: () => 'operational' as const,
    async whenIngested(): Promise<{ ready: number; failed: number }> {
      for (;;) {
        const { count } = await database
          .selectFrom('jobs')
          .select(sql<number>`count(*)`.as('count'))
          .where('kind', '=', INGEST_JOB)
          .where('endedAt', 'is', null)
          .executeTakeFirstOrThrow();
        if (Number(count) === 0) break;
        const { promise, resolve } = Promise.withResolvers<void>();
        setTimeout(resolve, INGEST_POLL_MS);
        await promise;
      }
      const rows = await database
        .selectFrom('documents')
        .select('status')
        .where('deletedAt', 'is', null)
        .execute();
      return {
        ready: rows.filter((row) => row.status === 'indexed').length,
        failed: rows.filter((row) => row.status === 'failed').length,
      };
    },
    register(app: App): void {
      const shared = {
        knowledge: access,
        documents,
        addDocument,
        removeDocuments,
        jobs,
        versions,
        embeddingModelId,
      };
      registerDocuments(app, shared);
      registerFiles(app, { ...shared, blobs });
      registerNamespaces(app, { knowledge: access, namespaces, documents, addDocument, personas });
      registerVersions(app, { knowledge: access, versions });
      registerGenerations(app, { generations, jobs });
      registerJobs(app, { jobs, queue });
      registerSearch(app, {
        knowledge: access,
        documents,
        embeddingModelId,
        search: ({ question, namespaces: names }) =>
          retrieve({
            index: generations.active().index,
            readPassages,
            embeddingModel: generations.active().embeddingModel,
            question,
            namespaces: names,
            boostedNamespaces: [],
            signal: new AbortController().signal,
            onError: (error) => onError(error, { step: 'search' }),
          }),
      });
    },
    async close(): Promise<void> {
      await queue.stop();
      await retrievals.flush();
      await parser.close();
      await generations.close();
    },
  };
}

export type OpenKnowledge = Awaited<ReturnType<typeof openKnowledge>>;
