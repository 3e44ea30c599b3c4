/** The port: texts to unit-length vectors of `dimension` floats. Errors are AppErrors `model_unavailable`. */
export interface EmbeddingModel {
  readonly id: string;
  readonly dimension: number;
  embed(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]>;
}
