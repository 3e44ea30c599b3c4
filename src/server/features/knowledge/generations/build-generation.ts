import type { Kysely, Transaction } from 'kysely';

import { crashPoint } from '../../../crash-points.ts';
import type { Tables } from '../../../database/tables.ts';
import { AppError } from '../../../errors.ts';
import {
  type JobContext,
  type JobHandler,
  type JobQueue,
  type JobRecord,
  PermanentJobFailure,
} from '../../../jobs/job-queue.ts';
import type { EmbeddingConnection } from '../../../models/connect-embedding-model.ts';
import type { EmbeddingModel } from '../../../models/embedding-model.ts';
import type { PassageIndex } from '../../../retrieval/passage-index.ts';
import {
  type CreateIndex,
  findWantedSetup,
  type GenerationRecord,
  hasSetup,
  keyOfSetup,
  modelOfGeneration,
} from '../index-generation.ts';
import { catchUpGeneration, generationGone } from './catch-up-generation.ts';
import { type GenerationStore, readBuildPayload, REMOVE_GENERATION_JOB } from './generation-store.ts';
import { type JudgeCandidate, verifyGeneration } from './verify-generation.ts';

export type BuildGenerationDependencies = {
  database: Kysely<Tables>;
  store: GenerationStore;
  jobs: () => JobQueue;
  embedding: EmbeddingConnection | undefined;
  createIndex: CreateIndex;
  /** The index that answers now. */
  present: () => { id: number; index: PassageIndex };
  /** Takes over the index of the generation that has just become the active one. */
  adopt: (generation: GenerationRecord, index: PassageIndex) => void;
  judge?: JudgeCandidate | undefined;
};

/** Documents that are removed between two counts look like a fault once, not three times. */
const VERIFICATIONS = 3;

type Work = { generation: GenerationRecord; index: PassageIndex; model: EmbeddingModel | undefined };

/**
 * The job that completes a generation and lets it answer: bring it up to date, verify it, and switch in one transaction
 * that is refused when a document changed since; then it begins again. The same work serves a new generation, a retired
 * one that is to come back, and the active one when documents in it lack their vectors.
 */
export function createBuildGenerationHandler(dependencies: BuildGenerationDependencies): JobHandler {
  const { database, store, embedding, createIndex, present, adopt, judge } = dependencies;

  async function run(job: JobRecord, context: JobContext): Promise<void> {
    const { generationId, activate } = readBuildPayload(job);
    const generation = await store.find(generationId);
    if (!generation || generation.status === 'discarded') throw generationGone(generationId);
    const model = requireModel(generation, embedding);
    if (generation.status === 'active')
      return catchUp({ generation, index: present().index, model }, context);
    const index = createIndex(generation);
    let isAdopted = false;
    try {
      await index.open();
      const work = { generation, index, model };
      while (!isAdopted) {
        await catchUp(work, context);
        crashPoint('generation-filled');
        await verify(work, context);
        crashPoint('generation-verified');
        if (!activate) return await finishUnused(generation, context);
        isAdopted = await switchTo(generation, context);
      }
      crashPoint('generation-switched');
      adopt(generation, index);
      crashPoint('generation-adopted');
      dependencies.jobs().wake();
    } finally {
      if (!isAdopted) await index.close();
    }
  }

  function catchUp({ generation, index, model }: Work, context: JobContext): Promise<void> {
    return catchUpGeneration({
      database,
      store,
      generationId: generation.id,
      index,
      embeddingModel: model,
      signal: context.signal,
      onProgress: context.reportProgress,
    });
  }

  async function verify({ generation, index, model }: Work, context: JobContext): Promise<void> {
    let problem: string | undefined;
    for (let attempt = 1; attempt <= VERIFICATIONS; attempt += 1) {
      problem = await verifyGeneration({
        store,
        generationId: generation.id,
        index,
        present: present().index,
        embeddingModel: model,
        judge,
        signal: context.signal,
      });
      if (problem === undefined) return;
    }
    // What was added under the check is not a fault of the generation; the next round takes it in.
    if ((await store.countPending(database, generation.id)) > 0) return;
    if (generation.status === 'building')
      await database.transaction().execute((transaction) => giveUp(transaction, generation));
    throw new PermanentJobFailure(
      'conflict',
      `${problem} The one before goes on answering. Start another with POST /api/v1/index/generations.`,
    );
  }

  /** Discards a generation for good: it must not begin again, and be paid for again, at the next start. */
  async function giveUp(transaction: Transaction<Tables>, generation: GenerationRecord): Promise<void> {
    await store.setDeclinedSetup(transaction, keyOfSetup(generation));
    await discardGeneration(transaction, { id: generation.id, store, jobs: dependencies.jobs() });
  }

  async function finishUnused(generation: GenerationRecord, context: JobContext): Promise<void> {
    await database.transaction().execute(async (transaction) => {
      if (generation.status === 'building') await store.setStatus(transaction, generation.id, 'ready');
      await context.complete(transaction);
    });
  }

  /** @returns false when something changed since the last look */
  async function switchTo(generation: GenerationRecord, context: JobContext): Promise<boolean> {
    const wanted = await findWantedSetup(database, embedding);
    const before = present().id;
    context.signal.throwIfAborted();
    return database.transaction().execute(async (transaction) => {
      if ((await store.countPending(transaction, generation.id)) > 0) return false;
      await store.setStatus(transaction, before, 'retired');
      await store.setStatus(transaction, generation.id, 'active');
      await store.copyPassageCounts(transaction, generation.id);
      const isDeclined = wanted !== undefined && !hasSetup(generation, wanted);
      await store.setDeclinedSetup(transaction, isDeclined ? keyOfSetup(wanted) : undefined);
      await discardOthers(transaction, [before, generation.id]);
      await context.complete(transaction, { generationId: generation.id });
      crashPoint('generation-switch-written');
      return true;
    });
  }

  async function discardOthers(transaction: Transaction<Tables>, keptIds: number[]): Promise<void> {
    const others = await transaction
      .selectFrom('indexGenerations')
      .select('id')
      .where('status', 'in', ['retired', 'ready'])
      .where('id', 'not in', keptIds)
      .execute();
    for (const { id } of others)
      await discardGeneration(transaction, { id, store, jobs: dependencies.jobs() });
  }

  return {
    run,
    async onEnded(transaction, job, { status }) {
      if (status !== 'canceled') return;
      const { generationId } = readBuildPayload(job);
      const row = await transaction
        .selectFrom('indexGenerations')
        .selectAll()
        .where('id', '=', generationId)
        .executeTakeFirst();
      if (row?.status === 'building') await giveUp(transaction, row);
    },
  };
}

/** Gives a generation up; a job removes what it held. */
export async function discardGeneration(
  transaction: Transaction<Tables>,
  options: { id: number; store: GenerationStore; jobs: JobQueue },
): Promise<void> {
  const { id, store, jobs } = options;
  await store.setStatus(transaction, id, 'discarded');
  await jobs.enqueue(transaction, { kind: REMOVE_GENERATION_JOB, payload: { generationId: id } });
}

/**
 * The model that a generation's vectors must come from; undefined when it has none.
 * @throws PermanentJobFailure when another one is configured, AppError `model_unavailable` when it does not answer
 */
function requireModel(
  generation: GenerationRecord,
  embedding: EmbeddingConnection | undefined,
): EmbeddingModel | undefined {
  if (generation.embeddingModel === null) return undefined;
  const model = modelOfGeneration(generation, embedding);
  if (model) return model;
  if (embedding?.id === generation.embeddingModel && embedding.current() === undefined)
    throw new AppError('model_unavailable', `The embedding model ${embedding.id} does not answer yet.`);
  throw new PermanentJobFailure('conflict', otherModelMessage(generation));
}

/** Why a generation cannot be used with the present configuration, and what to do. */
export function otherModelMessage(generation: GenerationRecord): string {
  return `Index generation ${generation.id} was built with the embedding model ${generation.embeddingModel} (${generation.dimension} numbers), which is not the configured one. Set MODEL_EMBED=${generation.embeddingModel} and restart.`;
}
