import type { Config } from '../config.ts';
import { createSystemClock } from './clock.ts';
import {
  connectEmbeddingModel,
  connectedEmbeddingModel,
  type EmbeddingConnection,
} from './connect-embedding-model.ts';
import { createLanguageModel } from './create-language-model.ts';
import type { EmbeddingModel } from './embedding-model.ts';
import type { LanguageModel, ModelState } from './language-model.ts';
import { openEmbeddingModel } from './openai-embedding-model.ts';

export type Models = {
  /** Undefined when answers are excerpts. */
  languageModel: LanguageModel | undefined;
  /** Undefined when search is by words alone. */
  embedding: EmbeddingConnection | undefined;
  /** Health of the language model; undefined without one. */
  state: (() => ModelState) | undefined;
};

type Logger = { warn: (fields: object, message: string) => void };

/**
 * The models of a configuration. The language model is contacted at the first question; an embedding model at once,
 * because the index needs its dimension. An endpoint that does not answer is no reason not to start.
 */
export async function openModels(options: {
  config: Config['models'];
  /** Answers that are written at once; the runner lets no more begin. */
  concurrentTurns: number;
  now: () => Date;
  logger: Logger;
  overrides: { languageModel?: LanguageModel; embeddingModel?: EmbeddingModel };
}): Promise<Models> {
  const { config, concurrentTurns, now, logger, overrides } = options;
  const onEvent = (event: object) => logger.warn(event, 'language model');
  const supervised = createLanguageModel(config.providers, {
    now,
    random: Math.random,
    onEvent,
    limits: { maximumConcurrent: concurrentTurns },
  });
  return {
    languageModel: overrides.languageModel ?? supervised,
    embedding: overrides.embeddingModel
      ? connectedEmbeddingModel(overrides.embeddingModel)
      : await connectConfigured(config.embedding, { now, logger }),
    state: supervised ? () => supervised.state() : undefined,
  };
}

async function connectConfigured(
  settings: Config['models']['embedding'],
  options: { now: () => Date; logger: Logger },
): Promise<EmbeddingConnection | undefined> {
  if (!settings) return undefined;
  const { now, logger } = options;
  return connectEmbeddingModel({
    id: settings.model,
    clock: createSystemClock(now),
    open: (signal) => openEmbeddingModel(settings, { now, random: Math.random, signal }),
    onFailure: (error) =>
      logger.warn(
        { err: error, model: settings.model },
        'The embedding endpoint does not answer; search goes by words until it does. Check OPENAI_BASE_URL, OPENAI_API_KEY and MODEL_EMBED.',
      ),
  });
}
