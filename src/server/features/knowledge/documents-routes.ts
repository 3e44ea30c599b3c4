import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

import {
  createDocumentSchema,
  documentSchema,
  documentStatusResponseSchema,
  documentStatusSchema,
  jobSchema,
  passageSchema,
  updateDocumentSchema,
} from '../../../shared/documents.ts';
import { AppError, invalidField, notFound } from '../../errors.ts';
import { noContent, problemResponses } from '../../http/add-openapi.ts';
import type { App } from '../../http/http-app.ts';
import { type AddDocument, checkUpload } from './add-document.ts';
import type { DocumentRecord, DocumentStore } from './document-store.ts';
import type { JobStore } from './job-store.ts';
import type { Knowledge } from './knowledge.ts';
import { presentDocument, presentJob, presentPassage } from './present-document.ts';
import type { VersionReader } from './read-version.ts';
import type { RemoveDocuments } from './remove-documents.ts';

export type DocumentRoutesDependencies = {
  knowledge: Knowledge;
  documents: DocumentStore;
  addDocument: AddDocument;
  removeDocuments: RemoveDocuments;
  jobs: JobStore;
  /** Id of the model that the passages' vectors came from. */
  embeddingModelId: () => string | null;
  versions: VersionReader;
};

export const documentIdParams = z.object({ id: z.coerce.number().int().min(1) });
const tags = ['documents'];
const removalSchema = z.object({ documents: z.int(), passages: z.int(), versions: z.int() });

/** Reading, adding, changing and removing documents. */
export function registerDocuments(app: App, dependencies: DocumentRoutesDependencies): void {
  const { knowledge, documents, addDocument, removeDocuments, jobs, embeddingModelId, versions } =
    dependencies;
  const show = (record: DocumentRecord) =>
    presentDocument(record, { embeddingModel: embeddingModelId(), withContent: true });

  app.get(
    '/api/v1/documents/',
    {
      schema: {
        tags,
        summary: 'List documents',
        querystring: z.object({
          namespace: z.string().max(100).optional(),
          status: documentStatusSchema.optional(),
          q: z.string().trim().max(200).optional(),
          skip: z.coerce.number().int().min(0).default(0),
          limit: z.coerce.number().int().min(1).max(1_000).default(100),
        }),
        response: { 200: z.array(documentSchema), ...problemResponses },
      },
    },
    async (request, reply) => {
      const { namespace, status, q, skip, limit } = request.query;
      const readable = (await knowledge.readable(request.caller.role)).map((record) => record.name);
      const isCurator = request.caller.role === 'curator' || request.caller.role === 'admin';
      const shownStatus = isCurator ? status : 'indexed';
      const found = await documents.list({
        namespaces: namespace === undefined ? readable : readable.filter((name) => name === namespace),
        ...(shownStatus ? { status: shownStatus } : {}),
        ...(q ? { query: q } : {}),
        skip,
        limit,
      });
      void reply.header('x-total-count', found.total);
      return found.documents.map((record) => presentDocument(record, { embeddingModel: embeddingModelId() }));
    },
  );

  app.post(
    '/api/v1/documents/',
    {
      schema: {
        tags,
        summary: 'Add a document as text',
        body: createDocumentSchema,
        response: { 201: documentSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { namespace, title, content, ...rest } = request.body;
      await assertNamespace(namespace, request);
      const added = await addDocument.add({
        namespace,
        title,
        fileName: textFileName(title),
        bytes: new TextEncoder().encode(content),
        ...detailsOf(rest),
        uploadedBy: request.caller.userId,
      });
      if (added.jobId !== null) await jobs.waitForEnd(added.jobId);
      const record = await documents.find(added.documentId);
      if (!record) throw notFound('document', added.documentId);
      return reply.code(201).send({ ...show(record), ...(added.isDuplicate ? { duplicate: true } : {}) });
    },
  );

  app.get(
    '/api/v1/documents/:id',
    {
      schema: {
        tags,
        summary: 'Read a document',
        params: documentIdParams,
        response: { 200: documentSchema, ...problemResponses },
      },
    },
    async (request) => show(await knowledge.document(request.params.id, request.caller)),
  );

  app.put(
    '/api/v1/documents/:id',
    {
      schema: {
        tags,
        summary: 'Change a document; new content makes a version',
        params: documentIdParams,
        body: updateDocumentSchema,
        response: { 200: documentSchema, ...problemResponses },
      },
    },
    async (request) => {
      const record = await knowledge.document(request.params.id, request.caller);
      const { namespace, title, content, ...rest } = request.body;
      if (namespace !== undefined && namespace !== record.namespace) {
        throw invalidField(
          'namespace',
          'a document stays in its namespace; add it to the other one and delete it here.',
        );
      }
      const details = { ...detailsOf(rest), ...(title === undefined ? {} : { title }) };
      const file =
        content === undefined
          ? undefined
          : { bytes: new TextEncoder().encode(content), fileName: textFileName(title ?? record.title) };
      // Content that is refused changes nothing else either.
      if (file) checkUpload(file.bytes, file.fileName);
      await documents.changeDetails(record.id, details);
      const isRenamed = title !== undefined && title !== record.title;
      let jobId: number | undefined;
      if (file) {
        jobId = await addDocument.addVersion(record, { ...file, changedBy: request.caller.userId });
      } else if (isRenamed) {
        // The title is searched too, so that a new one needs the index.
        jobId = await addDocument.reindex(record.id, request.caller.userId);
      }
      if (jobId !== undefined) await jobs.waitForEnd(jobId);
      return show(await knowledge.document(record.id, request.caller));
    },
  );

  app.delete(
    '/api/v1/documents/:id',
    {
      schema: {
        tags,
        summary: 'Delete a document, or count what would go',
        params: documentIdParams,
        querystring: z.object({ dry_run: z.enum(['true', 'false']).optional() }),
        response: { 200: removalSchema, 204: noContent, ...problemResponses },
      },
    },
    async (request, reply) => {
      const record = await knowledge.document(request.params.id, request.caller);
      if (request.query.dry_run === 'true') return removeDocuments.count([record.id]);
      await removeDocuments.remove([record.id]);
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/api/v1/documents/all',
    {
      schema: {
        tags,
        summary: 'Delete all documents, or those of one namespace',
        querystring: z.object({ confirm: z.string().optional(), namespace: z.string().max(100).optional() }),
        response: { 200: z.object({ deleted: z.int() }), ...problemResponses },
      },
    },
    async (request) => {
      const { confirm, namespace } = request.query;
      if (confirm !== 'true')
        throw new AppError('confirmation_required', 'This deletes documents for good; add ?confirm=true.');
      const ids = await documents.listIds(namespace);
      const removed = await removeDocuments.remove(ids);
      return { deleted: removed.documents };
    },
  );

  const statusRoute = {
    schema: {
      tags,
      summary: 'How far a document is',
      params: documentIdParams,
      response: { 200: documentStatusResponseSchema, ...problemResponses },
    },
  };
  const status = async (request: FastifyRequest<{ Params: { id: number } }>) => {
    const record = await knowledge.document(request.params.id, request.caller);
    const job = record.jobId === null ? undefined : await jobs.find(record.jobId);
    const isDone = !['pending', 'processing'].includes(record.status);
    return {
      document_id: record.id,
      status: record.status,
      passages_created: record.shown?.passageCount ?? 0,
      error: record.error,
      error_code: record.errorCode,
      progress: isDone ? 1 : (job?.progress ?? 0),
    };
  };
  app.get('/api/v1/documents/:id/status', statusRoute, status);
  app.get('/api/v1/admin/documents/:id/status', statusRoute, status);

  app.get(
    '/api/v1/documents/:id/passages',
    {
      schema: {
        tags,
        summary: 'The passages of a document, in order; those of an older version have negative ids',
        params: documentIdParams,
        querystring: z.object({ version: z.coerce.number().int().min(1).optional() }),
        response: { 200: z.array(passageSchema), ...problemResponses },
      },
    },
    async (request) => {
      const record = await knowledge.document(request.params.id, request.caller);
      const { version } = request.query;
      if (version !== undefined && version !== record.shown?.version)
        return versions.splitAgain(record.id, version);
      if (record.currentVersionId === null) return [];
      return (await documents.passages(record.id, record.currentVersionId)).map(presentPassage);
    },
  );

  app.post(
    '/api/v1/documents/:id/reindex',
    {
      schema: {
        tags,
        summary: 'Parse and index a document again',
        params: documentIdParams,
        response: { 202: jobSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const record = await knowledge.document(request.params.id, request.caller);
      const job = await jobs.find(await addDocument.reindex(record.id, request.caller.userId));
      if (!job) throw notFound('job');
      return reply.code(202).send(presentJob(job));
    },
  );

  app.post(
    '/api/v1/documents/:id/release',
    {
      schema: {
        tags,
        summary: 'Let a document that was held back be searched',
        params: documentIdParams,
        response: { 202: jobSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const record = await knowledge.document(request.params.id, request.caller);
      if (record.errorCode !== 'document_quarantined')
        throw new AppError('conflict', 'This document is not held back.');
      const job = await jobs.find(await addDocument.release(record.id, request.caller.userId));
      if (!job) throw notFound('job');
      return reply.code(202).send(presentJob(job));
    },
  );

  async function assertNamespace(name: string, request: FastifyRequest): Promise<void> {
    const names = (await knowledge.readable(request.caller.role)).map((record) => record.name);
    if (!names.includes(name))
      throw invalidField(
        'namespace',
        `there is no namespace "${name}"; use one of ${names.join(', ') || 'none yet, create one first'}.`,
      );
  }
}

function textFileName(title: string): string {
  const slug = title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 80);
  return `${slug || 'document'}.md`;
}

type Details = Partial<
  Pick<
    z.infer<typeof createDocumentSchema>,
    'source_url' | 'youtube_url' | 'author' | 'published_date' | 'tags' | 'metadata_json'
  >
>;

/** The fields that were given, by the names that the store uses; null clears one. */
export function detailsOf(fields: Details) {
  return {
    ...(fields.source_url === undefined ? {} : { sourceUrl: fields.source_url }),
    ...(fields.youtube_url === undefined ? {} : { youtubeUrl: fields.youtube_url }),
    ...(fields.author === undefined ? {} : { author: fields.author }),
    ...(fields.published_date === undefined ? {} : { publishedDate: fields.published_date }),
    ...(fields.tags === undefined ? {} : { tags: fields.tags ?? [] }),
    ...(fields.metadata_json === undefined ? {} : { metadata: fields.metadata_json ?? {} }),
  };
}
