import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { Stream } from 'openai/streaming';

import type { GenerateOptions, LanguageModel, ModelChunk } from './language-model.ts';
import type { ModelIdentity } from './model-error.ts';
import { createOpenAiClient, type ModelEndpoint } from './openai-client.ts';
import { brokenOff, notWireFormat, readCompletion } from './read-completion.ts';
import { adaptShape, buildChatRequest, usualShape } from './request-shape.ts';
import { translateOpenAiError } from './translate-openai-error.ts';

/** One provider of the configuration, `config.models.providers`. */
export type ProviderSettings = ModelEndpoint & { name: string; model: string };

/**
 * A language model behind an OpenAI-compatible chat completions endpoint, streaming. It makes one attempt and waits as
 * long as its signal allows; `createResilientLanguageModel` adds the rest. What a server does not accept of the usual
 * request is left out from then on.
 */
export function createOpenAiLanguageModel(
  provider: ProviderSettings,
  options: { now: () => Date },
): LanguageModel {
  const openClient = createOpenAiClient(provider);
  const identity: ModelIdentity = { provider: provider.name, model: provider.model };
  let shape = usualShape;

  async function start(request: GenerateOptions): Promise<Stream<ChatCompletionChunk>> {
    const client = await openClient();
    let tried = shape;
    for (;;) {
      try {
        const body = buildChatRequest({ ...request, model: provider.model }, tried);
        const { data, response } = await client.chat.completions
          .create(body, { signal: request.signal })
          .withResponse();
        shape = tried;
        assertEventStream(response, { stream: data, identity });
        return data;
      } catch (error) {
        const next = adaptShape(tried, error);
        if (!next) throw error;
        tried = next;
      }
    }
  }

  async function* generate(request: GenerateOptions): AsyncGenerator<ModelChunk, void, void> {
    request.signal.throwIfAborted();
    try {
      const stream = await start(request);
      yield* readCompletion(readStream(stream, identity), { identity, maxTokens: request.maxTokens });
    } catch (error) {
      // The client ends an aborted stream without a word, which then looks cut off.
      if (request.signal.aborted) throw request.signal.reason;
      throw translateOpenAiError(error, { identity, now: options.now });
    }
  }

  return { id: provider.model, generate };
}

/**
 * The chunks of a stream. The client takes a last line that is cut in two for broken JSON.
 * @throws ModelError `cut-off` when what follows good chunks is unreadable
 */
async function* readStream(
  stream: AsyncIterable<unknown>,
  identity: ModelIdentity,
): AsyncGenerator<unknown, void, void> {
  let received = 0;
  try {
    for await (const chunk of stream) {
      received += 1;
      yield chunk;
    }
  } catch (error) {
    if (received > 0 && error instanceof SyntaxError) throw brokenOff(identity);
    throw error;
  }
}

function assertEventStream(
  response: Response,
  options: { stream: Stream<ChatCompletionChunk>; identity: ModelIdentity },
): void {
  const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type === undefined || type === '' || type === 'text/event-stream') return;
  options.stream.controller.abort();
  throw notWireFormat(options.identity, new Error(`content type ${type} instead of text/event-stream`));
}
