import { countTokens } from './count-tokens.ts';
import type {
  GenerateOptions,
  LanguageModel,
  ModelChunk,
  ModelState,
  SupervisedLanguageModel,
} from './language-model.ts';
import { ModelError, toModelError } from './model-error.ts';
import type { OnModelEvent } from './model-event.ts';

/**
 * A chain of models: the next one is asked when one fails before its first text, so that an answer is never of two.
 * Its id is that of the first. When a later one answers and reports no usage, its tokens are counted here, because
 * only the usage names the model that wrote.
 * @throws ModelError with all failures as its cause when the last one fails too
 */
export function createFallbackLanguageModel(
  models: readonly [SupervisedLanguageModel, ...SupervisedLanguageModel[]],
  options: { onEvent?: OnModelEvent } = {},
): SupervisedLanguageModel {
  async function* generate(request: GenerateOptions): AsyncGenerator<ModelChunk, void, void> {
    const failures: ModelError[] = [];
    for (const [position, model] of models.entries()) {
      let hasText = false;
      try {
        for await (const chunk of position === 0
          ? afterFirstText(model.generate(request))
          : named(model, request)) {
          hasText = true;
          yield chunk;
        }
        return;
      } catch (error) {
        if (request.signal.aborted) throw request.signal.reason;
        const failure = toModelError(error, model.id);
        if (hasText) throw failure;
        failures.push(failure);
        const next = models[position + 1];
        if (next) {
          const fallback = { modelId: model.id, nextModelId: next.id, reason: failure.reason };
          options.onEvent?.({ type: 'fallback', ...fallback });
          request.onFallback?.(fallback);
        }
      }
    }
    throw combine(failures);
  }

  return { id: models[0].id, generate, state: () => stateOfChain(models.map((model) => model.state())) };
}

/** Holds back usage that comes before any text: a model that then fails has written nothing. */
async function* afterFirstText(chunks: AsyncIterable<ModelChunk>): AsyncGenerator<ModelChunk, void, void> {
  let held: ModelChunk[] | undefined = [];
  for await (const chunk of chunks) {
    if (held && (chunk.type !== 'text' || chunk.text === '')) {
      held.push(chunk);
      continue;
    }
    yield chunk;
    if (held) yield* held.filter((earlier) => earlier.type === 'usage');
    held = undefined;
  }
  if (held) throw new ModelError('malformed', 'The language model gave an empty answer. Ask again.');
}

async function* named(
  model: LanguageModel,
  request: GenerateOptions,
): AsyncGenerator<ModelChunk, void, void> {
  let text = '';
  let isReported = false;
  for await (const chunk of afterFirstText(model.generate(request))) {
    if (chunk.type === 'text') text += chunk.text;
    else isReported = true;
    yield chunk;
  }
  if (isReported) return;
  const usage = {
    promptTokens: await countTokens(...request.messages.map((message) => message.content)),
    completionTokens: await countTokens(text),
    cachedTokens: 0,
    isReported: false,
  };
  yield { type: 'usage', usage, model: model.id };
}

function combine(failures: readonly ModelError[]): ModelError {
  const [last] = failures.slice(-1);
  if (!last || failures.length === 1) return last ?? new ModelError('malformed', 'No language model is set.');
  const waits = failures.flatMap((failure) => failure.retryAfterSeconds ?? []);
  return new ModelError(
    last.reason,
    `No language model answered. ${failures.map((failure) => failure.message).join(' ')}`,
    {
      ...(waits.length > 0 ? { retryAfterSeconds: Math.min(...waits) } : {}),
      cause: new AggregateError(failures, 'every model of the chain failed'),
    },
  );
}

function stateOfChain(states: readonly ModelState[]): ModelState {
  if (states[0] === 'operational') return 'operational';
  return states.every((state) => state === 'down') ? 'down' : 'degraded';
}
