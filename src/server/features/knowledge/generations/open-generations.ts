import type { Kysely } from 'kysely';

import type { Tables } from '../../../database/tables.ts';
import { AppError, notFound } from '../../../errors.ts';
import type { JobHandler, JobQueue } from '../../../jobs/job-queue.ts';
import type { EmbeddingConnection } from '../../../models/connect-embedding-model.ts';
import type { PassageIndex } from '../../../retrieval/passage-index.ts';
import {
  type ActiveGeneration,
  type CreateIndex,
  findOrCreateActive,
  findWantedSetup,
  type GenerationRecord,
  type GenerationSetup,
  hasSetup,
  keyOfSetup,
  modelOfGeneration,
} from '../index-generation.ts';
import { createBuildGenerationHandler, discardGeneration, otherModelMessage } from './build-generation.ts';
import {
  BUILD_GENERATION_JOB,
  type BuildPayload,
  createGenerationStore,
  REMOVE_GENERATION_JOB,
} from './generation-store.ts';
import { createRemoveGenerationHandler } from './remove-generation.ts';
import type { JudgeCandidate } from './verify-generation.ts';

/** Longer than a question can take from asking its index to the end of that search. */
const LINGER_MS = 15_000;
/** A build waits out an endpoint that is away for most of an hour. */
const BUILD_ATTEMPTS = 60;

export type GenerationsOptions = {
  database: Kysely<Tables>;
  embedding: EmbeddingConnection | undefined;
  createIndex: CreateIndex;
  jobs: () => JobQueue;
  now: () => Date;
  onError: (error: unknown, context: object) => void;
  judge?: JudgeCandidate;
};

/**
 * The generations of the index: the one that answers, and what is built beside it. A question that began with a
 * generation ends with it; its index stays open for a moment after a switch.
 */
export async function openGenerations(options: GenerationsOptions) {
  const { database, embedding, createIndex, jobs, now, onError, judge } = options;
  const store = createGenerationStore({ database, now });
  const lingering = new Map<PassageIndex, NodeJS.Timeout>();
  let current = await findOrCreateActive({ database, embedding, now });
  let index = createIndex(current);
  await index.open();

  function closeLater(old: PassageIndex): void {
    const timer = setTimeout(() => {
      lingering.delete(old);
      old.close().catch((error: unknown) => onError(error, { step: 'close index' }));
    }, LINGER_MS).unref();
    lingering.set(old, timer);
  }

  const active = (): ActiveGeneration => ({
    id: current.id,
    index,
    needsVectors: current.dimension !== null,
    embeddingModel: modelOfGeneration(current, embedding),
  });

  const handlers: Record<string, JobHandler> = {
    [BUILD_GENERATION_JOB]: createBuildGenerationHandler({
      database,
      store,
      jobs,
      embedding,
      createIndex,
      present: () => ({ id: current.id, index }),
      adopt: (generation, adopted) => {
        closeLater(index);
        current = generation;
        index = adopted;
      },
      judge,
    }),
    [REMOVE_GENERATION_JOB]: createRemoveGenerationHandler({ database }),
  };

  async function enqueue(payload: BuildPayload, createdBy: number | null): Promise<number> {
    const known = (await store.listLiveBuilds()).find(
      ({ generationId }) => generationId === payload.generationId,
    );
    if (known) return known.job.id;
    const id = await jobs().enqueue(database, {
      kind: BUILD_GENERATION_JOB,
      payload,
      createdBy,
      maxAttempts: BUILD_ATTEMPTS,
    });
    jobs().wake();
    return id;
  }

  /** Gives up builds for a setup that nobody wants any more. */
  async function discardBuilds(wanted: GenerationSetup): Promise<void> {
    const stale = (await store.list()).filter(
      (generation) => generation.status === 'building' && !hasSetup(generation, wanted),
    );
    for (const { id } of stale) {
      await database
        .transaction()
        .execute((transaction) => discardGeneration(transaction, { id, store, jobs: jobs() }));
    }
    const staleIds = new Set(stale.map(({ id }) => id));
    for (const { job, generationId } of await store.listLiveBuilds())
      if (staleIds.has(generationId)) await jobs().cancel(job.id);
    jobs().wake();
  }

  async function requireNoBuild(): Promise<void> {
    const [live] = await store.listLiveBuilds();
    if (!live) return;
    throw new AppError(
      'conflict',
      `Index generation ${live.generationId} is being worked on by job ${live.job.id}. Wait for its end, or cancel it.`,
    );
  }

  const isHeld = (generation: GenerationRecord) =>
    ['building', 'ready', 'retired'].includes(generation.status);

  return {
    active,
    handlers,
    /**
     * Starts what the configuration asks for and is not there: a generation of another setup, or vectors that documents
     * of the active one lack. Nothing starts while a curator's choice stands against that setup.
     * @returns the job's id, or undefined when nothing is to do
     */
    async ensureWanted(): Promise<number | undefined> {
      const wanted = await findWantedSetup(database, embedding);
      if (!wanted) return undefined;
      await discardBuilds(wanted);
      if (hasSetup(current, wanted)) {
        const canFill = current.dimension === null || active().embeddingModel !== undefined;
        const isBehind = (await store.countPending(database, current.id)) > 0;
        return canFill && isBehind ? enqueue({ generationId: current.id, activate: true }, null) : undefined;
      }
      if ((await store.findDeclinedSetup()) === keyOfSetup(wanted)) return undefined;
      const found = (await store.list()).find(
        (generation) => isHeld(generation) && hasSetup(generation, wanted),
      );
      const { id } = found ?? (await store.insert(wanted));
      return enqueue({ generationId: id, activate: true }, null);
    },
    /**
     * Builds the index anew with the configured setup, even when the active one has it.
     * @returns the job's id
     * @throws AppError `conflict` while another build runs, `model_unavailable` when the dimension is not known yet
     */
    async rebuild(request: { activate: boolean; createdBy: number | null }): Promise<number> {
      const { activate, createdBy } = request;
      await requireNoBuild();
      const wanted = await findWantedSetup(database, embedding);
      if (!wanted)
        throw new AppError(
          'model_unavailable',
          `The embedding model ${embedding?.id} does not answer. Check OPENAI_BASE_URL, OPENAI_API_KEY and MODEL_EMBED.`,
        );
      await discardBuilds(wanted);
      await store.setDeclinedSetup(database, undefined);
      const unfinished = (await store.list()).find(({ status }) => status === 'building');
      const { id } = unfinished ?? (await store.insert(wanted));
      return enqueue({ generationId: id, activate }, createdBy);
    },
    /**
     * Brings a ready or retired generation up to date and switches to it.
     * @returns the job's id
     * @throws AppError `not_found`, or `conflict` when it cannot be used now
     */
    async activate(id: number, createdBy: number | null): Promise<number> {
      const generation = await store.find(id);
      if (!generation || generation.status === 'discarded') throw notFound('index generation', id);
      if (generation.status === 'active')
        throw new AppError('conflict', `Index generation ${id} is the active one already.`);
      await requireNoBuild();
      if (generation.embeddingModel !== null && !modelOfGeneration(generation, embedding))
        throw new AppError('conflict', otherModelMessage(generation));
      return enqueue({ generationId: id, activate: true }, createdBy);
    },
    /** Generations, newest first, with what each holds and the job that works on it. */
    async list() {
      const wanted = await findWantedSetup(database, embedding);
      const builds = await store.listLiveBuilds();
      const found = await store.list();
      return Promise.all(
        found.map(async (generation) => ({
          ...generation,
          ...(await store.count(generation.id)),
          isWanted: wanted !== undefined && hasSetup(generation, wanted),
          jobId: builds.find(({ generationId }) => generationId === generation.id)?.job.id ?? null,
        })),
      );
    },
    async close(): Promise<void> {
      for (const [old, timer] of lingering) {
        clearTimeout(timer);
        await old.close();
      }
      await index.close();
    },
  };
}

export type Generations = Awaited<ReturnType<typeof openGenerations>>;
