/** One earlier or present message of a model prompt. */
export type PromptMessage = { role: 'system' | 'user' | 'assistant'; content: string };

export type TokenUsage = {
  promptTokens: number;
  completionTokens: number;
  cachedTokens: number;
  /** Whether the provider reported these figures; otherwise they are our own count. */
  isReported: boolean;
};

/** An empty text is a sign of life and no part of the answer. */
export type ModelChunk = { type: 'text'; text: string } | { type: 'usage'; usage: TokenUsage; model: string };

export type GenerateOptions = {
  messages: PromptMessage[];
  maxTokens: number;
  temperature: number;
  signal: AbortSignal;
  /** Told when a model of a chain failed before its first text and the next one is asked. */
  onFallback?: (fallback: { modelId: string; nextModelId: string; reason: string }) => void;
};

/**
 * The port: a stream of text, ended by what the provider says it used. Errors are AppErrors `model_unavailable`; an
 * aborted call ends with the reason of its signal.
 */
export interface LanguageModel {
  readonly id: string;
  generate(options: GenerateOptions): AsyncIterable<ModelChunk>;
}

/** What health shows: `degraded` answers, but not as it should; `down` is not asked for the time being. */
export type ModelState = 'operational' | 'degraded' | 'down';

/** A language model that knows how it fares. */
export type SupervisedLanguageModel = LanguageModel & { state(): ModelState };
