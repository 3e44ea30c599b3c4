import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { inspect } from 'node:util';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import {
  collect,
  contractText,
  describeLanguageModel,
  requestOf,
} from '../../../test/contracts/language-model.ts';
import type { FaultName } from '../../../test/model-server/faults.ts';
import { type ModelServer, startModelServer } from '../../../test/model-server/start-model-server.ts';
import { createLanguageModel } from './create-language-model.ts';
import type { SupervisedLanguageModel } from './language-model.ts';
import { createOpenAiLanguageModel } from './openai-language-model.ts';
import type { LanguageModelLimits } from './resilient-language-model.ts';

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer();
});
afterAll(async () => {
  await server.close();
});

const provider = (fault: FaultName = 'none', baseUrl = server.baseUrl) => ({
  name: 'openai',
  baseUrl,
  apiKey: 'sk-test-1234567890',
  model: fault === 'none' ? 'gpt-4o-mini' : `gpt-4o-mini+${fault}`,
});

describeLanguageModel('OpenAI-compatible', async () => ({
  createModel(behaviour) {
    const faults = { speaks: 'none', hangs: 'hang', fails: 'server-error' } as const;
    const adapter = createOpenAiLanguageModel(provider(faults[behaviour]), { now: () => new Date() });
    return {
      ...adapter,
      async *generate(request) {
        await server.control({ replies: [contractText, contractText] });
        yield* adapter.generate(request);
      },
    };
  },
  close: async () => undefined,
}));

const reply = 'Sit for ten minutes every morning, and breathe out slowly.';
/** Short enough for tests, long enough for a busy machine where a test expects no timeout. */
const patient = { firstTokenTimeoutMs: 20_000, silenceTimeoutMs: 20_000, totalTimeoutMs: 60_000 };

function createModel(fault: FaultName, limits: Partial<LanguageModelLimits> = {}): SupervisedLanguageModel {
  const options = { now: () => new Date(), random: () => 0, limits: { ...patient, ...limits } };
  const model = createLanguageModel([provider(fault)], options);
  if (!model) throw new Error('one provider makes a model');
  return model;
}

const ask = (model: SupervisedLanguageModel, maxTokens = 200) =>
  collect(model.generate(requestOf('How?', { maxTokens })));

describe('the language model with a server that goes wrong', () => {
  beforeEach(async () => {
    await server.control({ faults: [], replies: Array.from({ length: 8 }, () => reply) });
  });

  it.each<FaultName>([
    'none',
    'slow-first-token',
    'split-characters',
    'split-surrogates',
    'no-done',
    'reject-stream-options',
    'reject-unexplained',
    'reject-max-tokens',
  ])('should give the whole answer with %s', async (fault) => {
    await server.control({ replies: [contractText] });
    const { text, error, chunks } = await ask(createModel(fault));
    expect(error).toBeUndefined();
    expect(text).toBe(contractText);
    expect(chunks.every((chunk) => chunk.type === 'usage' || chunk.text.isWellFormed())).toBe(true);
  });

  it.each<[FaultName, string, RegExp]>([
    ['rate-limited-long', 'rate-limited', /limits the calls to gpt-4o-mini/],
    ['quota', 'quota', /nothing left to spend/],
    ['server-error', 'server-error', /error of its own \(500\)/],
    ['unauthorized', 'refused', /refused the API key/],
    ['unknown-model', 'refused', /does not know the model/],
    ['too-long', 'rejected', /may be too long/],
    ['malformed-json', 'malformed', /not its wire format/],
    ['not-the-format', 'malformed', /not its wire format/],
    ['wrong-content-type', 'malformed', /not its wire format/],
    ['reset', 'network', /The connection to openai failed/],
    ['empty', 'malformed', /empty answer/],
  ])('should fail before any text with %s', async (fault, reason, sentence) => {
    const { text, error } = await ask(createModel(fault));
    expect(text).toBe('');
    expect(error).toMatchObject({
      code: 'model_unavailable',
      reason,
      message: expect.stringMatching(sentence),
    });
  });

  it.each<[FaultName, string]>([
    ['cut-off', 'cut-off'],
    ['cut-mid-token', 'cut-off'],
    ['closed-mid-answer', 'network'],
    ['malformed-after-text', 'cut-off'],
    ['error-in-stream', 'server-error'],
  ])('should keep the text that came and say that it broke off with %s', async (fault, reason) => {
    const { text, error } = await ask(createModel(fault));
    expect(text).toBe('Sit for ten');
    expect(error).toMatchObject({ code: 'model_unavailable', reason });
    expect((await server.requests()).length).toBe(1);
  });

  it.each<[FaultName, Partial<LanguageModelLimits>, string]>([
    ['hang', { firstTokenTimeoutMs: 100 }, ''],
    ['slow-first-token', { firstTokenTimeoutMs: 100 }, ''],
    ['silent-after-text', { silenceTimeoutMs: 200 }, 'Sit for ten'],
  ])('should time out with %s', async (fault, limits, expected) => {
    expect(await ask(createModel(fault, limits))).toMatchObject({
      text: expected,
      error: { reason: 'timeout' },
    });
  });

  it('should end a slow drip at the total', async () => {
    const { text, error } = await ask(createModel('slow-drip', { totalTimeoutMs: 1_200 }));
    expect(reply.startsWith(text)).toBe(true);
    expect(text).not.toBe(reply);
    expect(error).toMatchObject({ reason: 'timeout' });
  });

  it('should cut an endless stream off at the limit of tokens', async () => {
    const { text, error } = await ask(createModel('endless'), 50);
    expect(text).toHaveLength(50 * 8);
    expect(error).toBeUndefined();
  });

  it('should report the tokens of the provider, and none when it reports none', async () => {
    const { chunks } = await ask(createModel('none'));
    expect(chunks.at(-1)).toMatchObject({
      type: 'usage',
      model: 'gpt-4o-mini',
      usage: { completionTokens: 10, isReported: true },
    });
    expect((await ask(createModel('no-usage'))).chunks.every((chunk) => chunk.type === 'text')).toBe(true);
  });

  it('should report cached tokens when the prompt begins as before', async () => {
    const model = createModel('none');
    const messages = [
      { role: 'system' as const, content: 'You are a calm teacher.' },
      { role: 'user' as const, content: 'How?' },
    ];
    await collect(model.generate(requestOf('', { messages })));
    const { chunks } = await collect(model.generate(requestOf('', { messages })));
    expect(chunks.at(-1)).toMatchObject({ usage: { promptTokens: 6, cachedTokens: 5 } });
  });

  it('should try again after a short Retry-After and after server errors', async () => {
    await server.control({ faults: ['server-error', 'rate-limited'], replies: [reply] });
    expect((await ask(createModel('none'))).text).toBe(reply);
    expect((await server.requests()).length).toBe(3);
  });

  it('should remember what a server does not accept', async () => {
    const model = createModel('reject-max-tokens');
    await ask(model);
    await ask(model);
    const bodies = (await server.requests()).map(({ body }) => body);
    expect(bodies).toHaveLength(4);
    expect(bodies.at(-1)).toMatchObject({ max_completion_tokens: 200 });
    expect(Object.keys(bodies.at(-1) ?? {})).not.toContain('temperature');
  });

  it('should send the messages, the limits and nothing else', async () => {
    await ask(createModel('none'));
    const [request] = await server.requests();
    expect(request?.body).toEqual({
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content: 'How?' }],
      stream: true,
      max_tokens: 200,
      temperature: 0,
      stream_options: { include_usage: true },
    });
  });

  it('should keep keys, prompts and what the provider wrote out of its errors', async () => {
    for (const fault of ['unauthorized', 'too-long', 'reset'] as const) {
      const { error } = await ask(createModel(fault));
      expect(inspect(error, { depth: 10 })).not.toMatch(/sk-|How\?|8192/);
    }
  });

  it('should say that nothing listens at the address', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    const model = createLanguageModel([provider('none', `http://127.0.0.1:${port}/v1`)], {
      now: () => new Date(),
      random: () => 0,
    });
    const { error } = model ? await ask(model) : {};
    expect(error).toMatchObject({
      reason: 'network',
      cause: { message: expect.stringContaining('ECONNREFUSED') },
    });
  });

  it('should answer from the second provider when the first one fails, and say who wrote', async () => {
    const model = createLanguageModel(
      [provider('unauthorized'), { ...provider(), name: 'openrouter', model: 'openai/gpt-4o-mini' }],
      {
        now: () => new Date(),
        random: () => 0,
      },
    );
    const { text, chunks } = model ? await ask(model) : { text: '', chunks: [] };
    expect(text).toBe(reply);
    expect(chunks.at(-1)).toMatchObject({ type: 'usage', model: 'openai/gpt-4o-mini' });
    expect(model?.state()).toBe('degraded');
  });
});

describe('createLanguageModel', () => {
  it('should be undefined without a provider', () => {
    expect(createLanguageModel([], { now: () => new Date(), random: () => 0 })).toBeUndefined();
  });
});
