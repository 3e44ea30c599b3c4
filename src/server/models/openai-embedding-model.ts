import { type Clock, createSystemClock } from './clock.ts';
import type { SupervisedEmbeddingModel } from './embedding-model.ts';
import { type CallLimits, guardCalls } from './guard-calls.ts';
import type { OnModelEvent } from './model-event.ts';
import { createOpenAiClient, type ModelEndpoint } from './openai-client.ts';
import { planEmbeddingBatches } from './plan-embedding-batches.ts';
import { readEmbeddings } from './read-embeddings.ts';
import { translateOpenAiError } from './translate-openai-error.ts';

/** `config.models.embedding`. */
export type EmbeddingSettings = ModelEndpoint & { model: string };

export const embeddingLimits: CallLimits = {
  timeoutMs: 30_000,
  totalTimeoutMs: 120_000,
  retries: { maximumRetries: 4, baseDelayMs: 300, maximumWaitMs: 45_000 },
  breakerFailures: 5,
  breakerOpenMs: 60_000,
};

const PARALLEL_CALLS = 2;
const PROVIDER = 'The embedding endpoint';

/**
 * Opens an embedding model behind an OpenAI-compatible endpoint: embeds one word, with retries, to learn the dimension
 * that every later vector must have. Texts travel in batches, two calls of one `embed` at a time.
 * @throws ModelError when the endpoint gives no usable vector within the limits
 */
export async function openEmbeddingModel(
  settings: EmbeddingSettings,
  options: {
    now: () => Date;
    random: () => number;
    onEvent?: OnModelEvent;
    signal?: AbortSignal;
    limits?: Partial<CallLimits>;
    clock?: Clock;
  },
): Promise<SupervisedEmbeddingModel> {
  const {
    now,
    random,
    onEvent,
    clock = createSystemClock(now),
    signal = new AbortController().signal,
  } = options;
  const id = settings.model;
  const identity = { provider: PROVIDER, model: id };
  const openClient = createOpenAiClient(settings);
  const limits = { ...embeddingLimits, ...options.limits };
  const guarded = guardCalls({ modelId: id, limits, clock, random, ...(onEvent ? { onEvent } : {}) });

  async function embedBatch(texts: string[], dimension: number | undefined, signal: AbortSignal) {
    return await guarded.call(async (attemptSignal) => {
      try {
        const client = await openClient();
        // Local servers do not all know base64, which the client would ask for by itself.
        const body = { model: id, input: texts, encoding_format: 'float' } as const;
        const answer: unknown = await client.embeddings.create(body, { signal: attemptSignal });
        return readEmbeddings(answer, { identity, count: texts.length, dimension });
      } catch (error) {
        throw translateOpenAiError(error, { identity, now });
      }
    }, signal);
  }

  const [probe] = await embedBatch(['dimension'], undefined, signal);
  const dimension = probe?.length ?? 0;

  async function embed(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]> {
    signal.throwIfAborted();
    const batches = planEmbeddingBatches(texts);
    const results: Float32Array[][] = [];
    const failed = new AbortController();
    const either = AbortSignal.any([signal, failed.signal]);
    let position = 0;
    const work = async () => {
      while (position < batches.length) {
        const mine = position;
        position += 1;
        results[mine] = await embedBatch(batches[mine] ?? [], dimension, either);
      }
    };
    // One after another while the model is unwell: the breaker lets a single call through as its probe.
    const parallel = guarded.state() === 'operational' ? PARALLEL_CALLS : 1;
    try {
      await Promise.all(Array.from({ length: parallel }, work));
    } catch (error) {
      // The other call would only cost money now.
      failed.abort(error);
      throw error;
    }
    return results.flat();
  }

  return { id, dimension, embed, state: guarded.state };
}
