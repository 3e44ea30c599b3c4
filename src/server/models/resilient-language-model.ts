import { type BreakerPermit, createCircuitBreaker } from './circuit-breaker.ts';
import type { Clock } from './clock.ts';
import { createConcurrencyLimit } from './concurrency-limit.ts';
import type {
  GenerateOptions,
  LanguageModel,
  ModelChunk,
  SupervisedLanguageModel,
} from './language-model.ts';
import { countsAgainstModel, ModelError, toModelError } from './model-error.ts';
import { type OnModelEvent, stateOfBreaker } from './model-event.ts';
import { type RetryPolicy, withRetries } from './with-retries.ts';
import { watchStream } from './watch-stream.ts';

export type LanguageModelLimits = {
  /** Milliseconds from a request to its first sign of life, connecting included. */
  firstTokenTimeoutMs: number;
  /** Milliseconds between two signs of life after that. */
  silenceTimeoutMs: number;
  /** Milliseconds for a whole call: waiting, all attempts and the answer. */
  totalTimeoutMs: number;
  retries: RetryPolicy;
  breakerFailures: number;
  breakerOpenMs: number;
  maximumConcurrent: number;
  maximumQueued: number;
  queueTimeoutMs: number;
};

export const languageModelLimits: LanguageModelLimits = {
  firstTokenTimeoutMs: 20_000,
  silenceTimeoutMs: 15_000,
  totalTimeoutMs: 120_000,
  retries: { maximumRetries: 2, baseDelayMs: 300, maximumWaitMs: 5_000 },
  breakerFailures: 5,
  breakerOpenMs: 60_000,
  maximumConcurrent: 64,
  maximumQueued: 64,
  queueTimeoutMs: 5_000,
};

export type ResilienceOptions = {
  clock: Clock;
  /** From 0 to below 1, for the jitter. */
  random: () => number;
  limits?: Partial<LanguageModelLimits>;
  onEvent?: OnModelEvent;
};

type Opened = { first: ModelChunk[]; rest: AsyncIterator<ModelChunk, void, void> };

/**
 * Guards a language model: time limits, retries before the first token only, a breaker, and a limit on calls at once.
 * The text is that of exactly one attempt. Signs of life are not passed on.
 */
export function createResilientLanguageModel(
  model: LanguageModel,
  options: ResilienceOptions,
): SupervisedLanguageModel {
  const { clock, random, onEvent } = options;
  const limits = { ...languageModelLimits, ...options.limits };
  const breaker = createCircuitBreaker({
    failureThreshold: limits.breakerFailures,
    openMs: limits.breakerOpenMs,
    now: clock.now,
    onChange: (change) => onEvent?.({ type: `breaker-${change}`, modelId: model.id }),
  });
  const places = createConcurrencyLimit({
    limit: limits.maximumConcurrent,
    maximumQueued: limits.maximumQueued,
    queueTimeoutMs: limits.queueTimeoutMs,
    clock,
  });

  function enterBreaker(): BreakerPermit {
    const permit = breaker.acquire();
    if (permit) return permit;
    throw new ModelError(
      'paused',
      `The model ${model.id} failed repeatedly and is left alone for a while. Ask again later.`,
      {
        retryAfterSeconds: Math.max(1, Math.ceil(breaker.retryInMs() / 1_000)),
      },
    );
  }

  function watch(request: GenerateOptions, deadline: number): AsyncGenerator<ModelChunk, void, void> {
    return watchStream({
      start: (signal) => model.generate({ ...request, signal }),
      signal: request.signal,
      clock,
      limitMs: (received) =>
        Math.min(
          received === 0 ? limits.firstTokenTimeoutMs : limits.silenceTimeoutMs,
          deadline - clock.now().getTime(),
        ),
      onTimeout: () => tooSlow(model.id),
    });
  }

  /** Starts an attempt and reads up to its first text, because until then it can be thrown away. */
  async function open(request: GenerateOptions, deadline: number): Promise<Opened> {
    const rest = watch(request, deadline);
    const first: ModelChunk[] = [];
    for (;;) {
      const next = await rest.next();
      if (next.done === true)
        throw new ModelError('malformed', `The model ${model.id} gave an empty answer. Ask again.`);
      if (isSignOfLife(next.value)) continue;
      first.push(next.value);
      if (next.value.type === 'text') return { first, rest };
    }
  }

  async function* answer(request: GenerateOptions, limit: { deadline: number; isProbe: boolean }) {
    const opened = await withRetries({
      attempt: () => open(request, limit.deadline),
      policy: limit.isProbe ? { ...limits.retries, maximumRetries: 0 } : limits.retries,
      deadline: limit.deadline,
      clock,
      random,
      signal: request.signal,
      onRetry: ({ error, attempt, delayMs }) =>
        onEvent?.({ type: 'retry', modelId: model.id, reason: error.reason, attempt, delayMs }),
    });
    try {
      yield* opened.first;
      for (let next = await opened.rest.next(); next.done !== true; next = await opened.rest.next()) {
        if (!isSignOfLife(next.value)) yield next.value;
      }
    } finally {
      await opened.rest.return?.();
    }
  }

  async function* generate(request: GenerateOptions): AsyncGenerator<ModelChunk, void, void> {
    const deadline = clock.now().getTime() + limits.totalTimeoutMs;
    const leave = await places.acquire(request.signal);
    if (!leave)
      throw new ModelError('busy', 'Too many answers are being written at once. Ask again in a moment.', {
        retryAfterSeconds: 5,
      });
    let permit: BreakerPermit | undefined;
    let hasText = false;
    try {
      permit = enterBreaker();
      for await (const chunk of answer(request, { deadline, isProbe: permit.isProbe })) {
        hasText ||= chunk.type === 'text';
        yield chunk;
      }
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason;
      if (countsAgainstModel(error)) permit?.fail();
      throw toModelError(error, model.id);
    } finally {
      // A reader that has enough leaves here: text came, so the model is well.
      if (hasText && !request.signal.aborted) permit?.succeed();
      permit?.release();
      leave();
    }
  }

  return { id: model.id, generate, state: () => stateOfBreaker(breaker) };
}

function isSignOfLife(chunk: ModelChunk): boolean {
  return chunk.type === 'text' && chunk.text === '';
}

function tooSlow(modelId: string): ModelError {
  return new ModelError('timeout', `The model ${modelId} took too long. Ask again.`);
}
