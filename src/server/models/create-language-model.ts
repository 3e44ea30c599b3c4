import { type Clock, createSystemClock } from './clock.ts';
import { createFallbackLanguageModel } from './fallback-language-model.ts';
import type { SupervisedLanguageModel } from './language-model.ts';
import type { OnModelEvent } from './model-event.ts';
import { createOpenAiLanguageModel, type ProviderSettings } from './openai-language-model.ts';
import { createResilientLanguageModel, type LanguageModelLimits } from './resilient-language-model.ts';

/**
 * The language model of a configuration: each provider with its own time limits, retries and breaker, in a chain when
 * there are several. Nothing is contacted until it is asked.
 * @param options.clock real timers unless a test gives its own
 * @returns undefined when no provider is set; then answers are excerpts
 */
export function createLanguageModel(
  providers: readonly ProviderSettings[],
  options: {
    now: () => Date;
    random: () => number;
    onEvent?: OnModelEvent;
    limits?: Partial<LanguageModelLimits>;
    clock?: Clock;
  },
): SupervisedLanguageModel | undefined {
  const { now, clock = createSystemClock(now), onEvent } = options;
  const [first, ...others] = providers.map((provider) =>
    createResilientLanguageModel(createOpenAiLanguageModel(provider, { now }), { ...options, clock }),
  );
  if (!first) return undefined;
  if (others.length === 0) return first;
  return createFallbackLanguageModel([first, ...others], onEvent ? { onEvent } : {});
}
