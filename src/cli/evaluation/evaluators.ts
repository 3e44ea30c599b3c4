import { resolve } from 'node:path';

import type { EmbeddingModel } from '../../server/models/embedding-model.ts';
import { type CommandContext, readConfig, usageMistake } from '../command-context.ts';
import type { EvaluationKind, EvaluationOptions } from '../commands/eval.ts';

/** One item of a file of predictions: what was decided about it, and how right that is (mostly 0 or 1). */
export type Prediction = { id: string; score: number };

type Evaluate = (input: {
  context: CommandContext;
  dataset: string;
  options: EvaluationOptions;
  onItem: (item: Prediction) => void;
}) => Promise<object>;

/** How each part is measured: all through the code that serves readers. */
export const evaluators: Record<EvaluationKind, Evaluate> = {
  retrieval: async ({ context, dataset, options, onItem }) => {
    const { evaluateRetrieval } = await import('../../server/retrieval/evaluate-retrieval.ts');
    const embeddingModel = await openEmbedding(context, options);
    return evaluateRetrieval(dataset, { embeddingModel, onItem });
  },
  routing: async ({ context, dataset, options, onItem }) => {
    const routing = await import('../../server/pipeline/routing/evaluate-routing.ts');
    if (options.persona === undefined) {
      const train = options.train === undefined ? {} : { trainPath: resolve(context.folder, options.train) };
      return routing.evaluateRouting({ datasetPath: dataset, ...train, onItem });
    }
    if (options.train !== undefined) throw usageMistake('Give --train or --persona, not both.');
    const { library, specialists } = await openPersonaLibrary(context, options);
    const figures = await routing.evaluatePersonaRouting({
      datasetPath: dataset,
      router: library.router,
      specialists,
      findEvidence: async (text) => (await library.find(text)).retrieval.passages,
      onItem,
    });
    return figures;
  },
  answers: async ({ dataset, onItem }) => {
    const { evaluateAnswers } = await import('../../server/pipeline/evaluate-answers.ts');
    return evaluateAnswers(dataset, onItem);
  },
  guard: async ({ context, dataset, options, onItem }) => {
    const { evaluateGuardFile } = await import('./evaluate-filters.ts');
    const { openPack } = await import('./open-pack.ts');
    return evaluateGuardFile(dataset, { policy: openPack(context, options.persona).persona.guard, onItem });
  },
  injection: async ({ dataset, onItem }) => {
    const { evaluateInjectionFile } = await import('./evaluate-filters.ts');
    return evaluateInjectionFile(dataset, onItem);
  },
  citations: async ({ dataset, onItem }) => {
    const { evaluateCitations } = await import('./evaluate-citations.ts');
    return evaluateCitations({ datasetPath: dataset, onItem });
  },
  'follow-ups': async ({ context, dataset, options, onItem }) => {
    const { evaluateFollowUps } = await import('./evaluate-follow-ups.ts');
    const { library } = await openPersonaLibrary(context, options);
    return evaluateFollowUps({ datasetPath: dataset, library, onItem });
  },
  golden: async ({ context, dataset, options, onItem }) => {
    const { evaluateGolden } = await import('./evaluate-golden.ts');
    const { connect } = await import('../connection.ts');
    const { client, close } = await connect(context, {});
    try {
      return await evaluateGolden({ client, path: dataset, persona: options.persona, onItem });
    } finally {
      await close();
    }
  },
};

async function openPersonaLibrary(context: CommandContext, options: EvaluationOptions) {
  const { openPack } = await import('./open-pack.ts');
  const { openLibrary } = await import('./open-library.ts');
  const pack = openPack(context, options.persona);
  const embeddingModel = await openEmbedding(context, options);
  const library = await openLibrary({ ...pack, embeddingModel });
  return { library, specialists: pack.persona.specialists };
}

/** The configured embedding model where --embedding asks for it. @throws AppError when none is configured or answers */
async function openEmbedding(
  context: CommandContext,
  options: EvaluationOptions,
): Promise<EmbeddingModel | undefined> {
  if (options.embedding !== true) return undefined;
  const { embedding } = readConfig(context).models;
  if (embedding === undefined) throw usageMistake('--embedding: set MODEL_EMBED and OPENAI_BASE_URL.');
  const { openEmbeddingModel } = await import('../../server/models/openai-embedding-model.ts');
  return openEmbeddingModel(embedding, { now: context.now, random: Math.random });
}
