import type { Config } from '../config.ts';
import { createLanguageModel } from './create-language-model.ts';
import type { EmbeddingModel } from './embedding-model.ts';
import type { LanguageModel, ModelState } from './language-model.ts';
import { openEmbeddingModel } from './openai-embedding-model.ts';

export type Models = {
  /** Undefined when answers are excerpts. */
  languageModel: LanguageModel | undefined;
  /** Undefined when search is by words alone. */
  embeddingModel: EmbeddingModel | undefined;
  /** Health of the language model; undefined without one. */
  state: (() => ModelState) | undefined;
};

/**
 * The models of a configuration. The language model is contacted at the first question; an embedding model at once,
 * because the index needs its dimension.
 * @throws AppError `model_unavailable` when the embedding endpoint does not answer
 */
export async function openModels(options: {
  config: Config['models'];
  now: () => Date;
  logger: { warn: (fields: object, message: string) => void };
  overrides: { languageModel?: LanguageModel; embeddingModel?: EmbeddingModel };
}): Promise<Models> {
  const { config, now, logger, overrides } = options;
  const onEvent = (event: object) => logger.warn(event, 'language model');
  const supervised = createLanguageModel(config.providers, { now, random: Math.random, onEvent });
  const embeddingModel =
    overrides.embeddingModel ??
    (config.embedding ? await openEmbeddingModel(config.embedding, { now, random: Math.random }) : undefined);
  return {
    languageModel: overrides.languageModel ?? supervised,
    embeddingModel,
    state: supervised ? () => supervised.state() : undefined,
  };
}
