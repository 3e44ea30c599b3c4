import { z } from 'zod';

import { jobSchema } from '../../../../shared/documents.ts';
import { type Generation, generationSchema, rebuildSchema } from '../../../../shared/generations.ts';
import { notFound } from '../../../errors.ts';
import { problemResponses } from '../../../http/add-openapi.ts';
import type { App } from '../../../http/http-app.ts';
import type { JobStore } from '../job-store.ts';
import { presentJob } from '../present-document.ts';
import type { Generations } from './open-generations.ts';

const tags = ['index'];

/** The index's generations: what there is, a new one, and the way to another. */
export function registerGenerations(
  app: App,
  dependencies: { generations: Generations; jobs: JobStore },
): void {
  const { generations, jobs } = dependencies;
  const showJob = async (id: number) => {
    const job = await jobs.find(id);
    if (!job) throw notFound('job', id);
    return presentJob(job);
  };

  app.get(
    '/api/v1/index/generations',
    {
      schema: {
        tags,
        summary: 'Generations of the search index, newest first',
        response: { 200: z.array(generationSchema), ...problemResponses },
      },
    },
    async () => (await generations.list()).map(presentGeneration),
  );
  app.post(
    '/api/v1/index/generations',
    {
      schema: {
        tags,
        summary: 'Build the index anew beside the one that answers',
        body: rebuildSchema.nullish(),
        response: { 202: jobSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const activate = request.body?.activate ?? true;
      const jobId = await generations.rebuild({ activate, createdBy: request.caller.userId });
      return reply.code(202).send(await showJob(jobId));
    },
  );
  app.post(
    '/api/v1/index/generations/:id/activate',
    {
      schema: {
        tags,
        summary: 'Bring a generation up to date and switch to it',
        params: z.object({ id: z.coerce.number().int().min(1) }),
        response: { 202: jobSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const jobId = await generations.activate(request.params.id, request.caller.userId);
      return reply.code(202).send(await showJob(jobId));
    },
  );
}

function presentGeneration(record: Awaited<ReturnType<Generations['list']>>[number]): Generation {
  return {
    id: record.id,
    status: record.status as Generation['status'],
    splitter_version: record.splitterVersion,
    analyser_version: record.analyserVersion,
    embedding_model: record.embeddingModel,
    dimension: record.dimension,
    is_wanted: record.isWanted,
    document_count: record.documents,
    passage_count: record.passages,
    progress: Math.max(0, 1 - record.pending / Math.max(1, record.searchable)),
    job_id: record.jobId,
    created_at: record.createdAt,
    activated_at: record.activatedAt,
  };
}
