import { setTimeout } from 'node:timers/promises';

import { z } from 'zod';

import { jobSchema } from '../../../shared/documents.ts';
import { AppError, notFound } from '../../errors.ts';
import { problemResponses, textResponse } from '../../http/add-openapi.ts';
import type { App } from '../../http/http-app.ts';
import { sendEvents } from '../../http/send-events.ts';
import type { JobQueue } from '../../jobs/job-queue.ts';
import type { JobStore } from './job-store.ts';
import { presentJob } from './present-document.ts';

const tags = ['jobs'];
const idParams = z.object({ id: z.coerce.number().int().min(1) });
const PROGRESS_MS = 250;

/** Background work: progress, cancel and retry. */
export function registerJobs(app: App, dependencies: { jobs: JobStore; queue: JobQueue }): void {
  const { jobs, queue } = dependencies;
  const read = async (id: number) => {
    const job = await jobs.find(id);
    if (!job) throw notFound('job', id);
    return job;
  };

  app.get(
    '/api/v1/jobs',
    {
      schema: {
        tags,
        summary: 'List jobs, newest first',
        querystring: z.object({
          status: jobSchema.shape.status.optional(),
          skip: z.coerce.number().int().min(0).default(0),
          limit: z.coerce.number().int().min(1).max(1_000).default(50),
        }),
        response: { 200: z.array(jobSchema), ...problemResponses },
      },
    },
    async (request) => {
      const { status, skip, limit } = request.query;
      return (await jobs.list({ skip, limit, ...(status ? { status } : {}) })).map(presentJob);
    },
  );
  app.get(
    '/api/v1/jobs/:id',
    {
      schema: {
        tags,
        summary: 'Read a job',
        params: idParams,
        response: { 200: jobSchema, ...problemResponses },
      },
    },
    async (request) => presentJob(await read(request.params.id)),
  );
  app.delete(
    '/api/v1/jobs/:id',
    {
      schema: {
        tags,
        summary: 'Cancel a job',
        params: idParams,
        response: { 202: jobSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const job = await read(request.params.id);
      if (!(await queue.cancel(job.id)))
        throw new AppError('conflict', `The job has already ended: ${job.status}.`);
      return reply.code(202).send(presentJob(await read(job.id)));
    },
  );
  app.post(
    '/api/v1/jobs/:id/retry',
    {
      schema: {
        tags,
        summary: 'Run a failed or canceled job again',
        params: idParams,
        response: { 202: jobSchema, ...problemResponses },
      },
    },
    async (request, reply) => {
      const job = await read(request.params.id);
      if (!(await queue.retry(job.id)))
        throw new AppError(
          'conflict',
          `Only a failed or canceled job can be retried; this one is ${job.status}.`,
        );
      return reply.code(202).send(presentJob(await read(job.id)));
    },
  );
  app.get(
    '/api/v1/jobs/:id/events',
    {
      schema: {
        tags,
        summary: 'Follow a job',
        params: idParams,
        response: { 200: textResponse('text/event-stream', 'Job after job state'), ...problemResponses },
      },
    },
    async (request, reply) => {
      const { id } = await read(request.params.id);
      return sendEvents(reply, {
        events: async function* progress(signal) {
          let shown = '';
          while (!signal.aborted) {
            const job = await jobs.find(id);
            const data = job ? JSON.stringify(presentJob(job)) : '';
            if (data !== shown) yield `data: ${data}\n\n`;
            shown = data;
            if (!job || job.endedAt !== null) return;
            await setTimeout(PROGRESS_MS);
          }
        },
      });
    },
  );
}
