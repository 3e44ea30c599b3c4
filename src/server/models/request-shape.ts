import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';

import type { GenerateOptions } from './language-model.ts';

/** How a server wants to be asked; OpenAI-compatible ones differ in these three. */
export type RequestShape = {
  sendsStreamOptions: boolean;
  tokenLimit: 'max_tokens' | 'max_completion_tokens';
  sendsTemperature: boolean;
};

export const usualShape: RequestShape = {
  sendsStreamOptions: true,
  tokenLimit: 'max_tokens',
  sendsTemperature: true,
};

/** The body of a streaming chat completion in a server's shape. */
export function buildChatRequest(
  options: GenerateOptions & { model: string },
  shape: RequestShape,
): ChatCompletionCreateParamsStreaming {
  return {
    model: options.model,
    messages: options.messages,
    stream: true,
    [shape.tokenLimit]: options.maxTokens,
    ...(shape.sendsTemperature ? { temperature: options.temperature } : {}),
    ...(shape.sendsStreamOptions ? { stream_options: { include_usage: true } } : {}),
  };
}

/**
 * The next shape to try after a server said 400 or 422 to a request. Undefined when the shape was not at fault: then the
 * request itself was. A refusal without a reason is blamed on `stream_options`, the youngest of the fields.
 */
export function adaptShape(shape: RequestShape, error: unknown): RequestShape | undefined {
  const { status, param } = error as { status?: unknown; param?: unknown };
  if (!(error instanceof Error) || (status !== 400 && status !== 422)) return undefined;
  const text = typeof param === 'string' ? `${param} ${error.message}` : error.message;
  if (shape.tokenLimit === 'max_tokens' && text.includes('max_completion_tokens')) {
    return { ...shape, tokenLimit: 'max_completion_tokens' };
  }
  if (shape.sendsTemperature && /\btemperature\b/.test(text)) return { ...shape, sendsTemperature: false };
  const isUnexplained =
    text.includes('no body') || /(?:unknown|unrecogni[sz]ed|unexpected|unsupported|extra)\b/i.test(text);
  const namesStreamOptions = /stream_options|include_usage/.test(text);
  if (shape.sendsStreamOptions && (namesStreamOptions || isUnexplained))
    return { ...shape, sendsStreamOptions: false };
  return undefined;
}
