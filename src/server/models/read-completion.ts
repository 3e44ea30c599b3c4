import type { ModelChunk, TokenUsage } from './language-model.ts';
import { ModelError, type ModelIdentity } from './model-error.ts';

/** Tokens are four characters of English on average; a server that writes this much more ignores the limit. */
const MAXIMUM_CHARACTERS_PER_TOKEN = 8;

type Piece = {
  text: string;
  finishReason: string | undefined;
  usage: TokenUsage | undefined;
  model: string | undefined;
};

/**
 * Reads the chunks of a streaming chat completion (OpenAI's wire format). A chunk without text becomes a sign of life.
 * Text beyond eight characters for each of `maxTokens` is cut off, as if the server had kept the limit. Usage comes
 * last, and only when the server reported it; servers that report it repeatedly mean the running total.
 * @throws ModelError `cut-off` when the stream ends without a finish reason
 */
export async function* readCompletion(
  chunks: AsyncIterable<unknown>,
  options: { identity: ModelIdentity; maxTokens: number },
): AsyncGenerator<ModelChunk, void, void> {
  const { identity, maxTokens } = options;
  let model = identity.model;
  let usage: TokenUsage | undefined;
  let finishReason: string | undefined;
  let remaining = maxTokens * MAXIMUM_CHARACTERS_PER_TOKEN;
  let half = '';
  for await (const chunk of chunks) {
    const piece = readChunk(chunk, identity);
    model = piece.model ?? model;
    usage = piece.usage ?? usage;
    finishReason = piece.finishReason ?? finishReason;
    const text = (half + piece.text).slice(0, remaining);
    half = /[\uD800-\uDBFF]$/.test(text) ? text.slice(-1) : '';
    const whole = half === '' ? text : text.slice(0, -1);
    remaining -= whole.length;
    if (finishReason === undefined || whole !== '') yield { type: 'text', text: whole };
    if (remaining - half.length <= 0) {
      finishReason = 'length';
      break;
    }
  }
  if (finishReason === undefined) throw brokenOff(identity);
  if (finishReason === 'error')
    throw new ModelError('server-error', `${identity.provider} had an error of its own. Ask again.`);
  if (usage) yield { type: 'usage', usage, model };
}

function readChunk(chunk: unknown, identity: ModelIdentity): Piece {
  if (!isRecord(chunk)) throw notWireFormat(identity);
  const choices = chunk['choices'] ?? [];
  if (!Array.isArray(choices)) throw notWireFormat(identity);
  const choice: unknown = choices[0] ?? {};
  if (!isRecord(choice)) throw notWireFormat(identity);
  const delta = isRecord(choice['delta']) ? choice['delta'] : {};
  return {
    text: stringOf(delta['content']) ?? '',
    finishReason: stringOf(choice['finish_reason']),
    usage: readUsage(chunk['usage']),
    model: stringOf(chunk['model']),
  };
}

/** The figures of a provider; undefined unless they are whole counts. */
function readUsage(value: unknown): TokenUsage | undefined {
  if (!isRecord(value)) return undefined;
  const promptTokens = countOf(value['prompt_tokens']);
  const completionTokens = countOf(value['completion_tokens']);
  if (promptTokens === undefined || completionTokens === undefined) return undefined;
  const details = isRecord(value['prompt_tokens_details']) ? value['prompt_tokens_details'] : {};
  const cachedTokens = Math.min(countOf(details['cached_tokens']) ?? 0, promptTokens);
  return { promptTokens, completionTokens, cachedTokens, isReported: true };
}

/** What is said when an answer has no end. */
export function brokenOff(identity: ModelIdentity): ModelError {
  return new ModelError('cut-off', `${identity.provider} broke off in the middle of the answer. Ask again.`);
}

/** What is said about an answer that is not OpenAI's wire format. */
export function notWireFormat(identity: ModelIdentity, cause?: unknown): ModelError {
  return new ModelError(
    'malformed',
    `${identity.provider} sent something that is not its wire format. Check that the address is that of an OpenAI-compatible API.`,
    { cause },
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function countOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}
