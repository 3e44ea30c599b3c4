/** One earlier or present message of a model prompt. */
export type PromptMessage = { role: 'system' | 'user' | 'assistant'; content: string };

export type TokenUsage = {
  promptTokens: number;
  completionTokens: number;
  cachedTokens: number;
  /** Whether the provider reported these figures; otherwise they are our own count. */
  isReported: boolean;
};

export type ModelChunk = { type: 'text'; text: string } | { type: 'usage'; usage: TokenUsage; model: string };

export type GenerateOptions = {
  messages: PromptMessage[];
  maxTokens: number;
  temperature: number;
  signal: AbortSignal;
};

/** The port: a stream of text, ended by what the provider says it used. Errors are AppErrors `model_unavailable`. */
export interface LanguageModel {
  readonly id: string;
  generate(options: GenerateOptions): AsyncIterable<ModelChunk>;
}
