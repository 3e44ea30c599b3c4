import type { ModelState } from './language-model.ts';

/**
 * The port: texts to unit-length vectors of `dimension` floats. Errors are AppErrors `model_unavailable`; an aborted
 * call ends with the reason of its signal.
 */
export interface EmbeddingModel {
  readonly id: string;
  readonly dimension: number;
  embed(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]>;
}

/** An embedding model that knows how it fares. */
export type SupervisedEmbeddingModel = EmbeddingModel & { state(): ModelState };
