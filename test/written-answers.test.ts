import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { StreamFrame } from '../src/shared/chats.ts';
import type { Message } from '../src/shared/messages.ts';
import { type ModelApp, openModelApp } from './open-model-app.ts';

const question = 'How should I begin to meditate?';

describe('written answers of the whole server', () => {
  let app: ModelApp;
  let headers: { authorization: string };
  beforeAll(async () => {
    app = await openModelApp();
    ({ headers } = await app.signUp('curator'));
  });
  afterAll(() => app.end());

  const receiptOf = async (message: Message) =>
    (await app.send('GET', `/chat/turns/${message.id}/receipt`, { headers })).json<Record<string, unknown>>();

  it('should stream exactly what is kept, whatever markers and addresses the model writes', async () => {
    const reply =
      'First, sit [7]. Then breathe [2, 7] and count [44]. Read https://invented.example/page or [this](https://invented.example) too.';
    await app.server.control({ replies: [reply] });
    const response = await app.send('POST', '/chat/stream', { headers, body: { content: question } });
    const frames = response.body
      .split('\n')
      .filter((line) => line.startsWith('data: '))
      .map((line) => JSON.parse(line.slice(6)) as StreamFrame);
    const streamed = frames.map((frame) => (frame.type === 'token' ? frame.content : '')).join('');
    const done = frames.find((frame) => frame.type === 'done');
    expect(done?.message.content).toBe(streamed);
    expect(streamed).toBe('First, sit [1]. Then breathe [2] [1] and count. Read or [this] too.');
    expect(done?.message.sources.map((source) => source.marker)).toEqual([1, 2]);
    const stored = await app.send('GET', `/chat/chats/${done?.message.chat_id}/messages`, { headers });
    expect(stored.json<{ messages: Message[] }>().messages.at(-1)).toEqual(done?.message);
  });

  it('should book what the provider reports, cached tokens included, on message, user and model', async () => {
    await app.ask({ content: question }, { headers });
    const message = await app.ask({ content: question }, { headers });
    const { usage, cost_micros: costMicros } = (await receiptOf(message)) as {
      usage: { promptTokens: number; cachedTokens: number; isReported: boolean };
      cost_micros: number;
    };
    expect(usage.isReported).toBe(true);
    expect(usage.cachedTokens).toBeGreaterThan(0);
    expect(message.prompt_tokens).toBe(usage.promptTokens);
    expect(message.cost_usd).toBeCloseTo(costMicros / 1_000_000, 9);
    const own = (await app.send('GET', '/usage', { headers })).json<{
      cost_usd: number;
      days: { model: string; answers: number; cached_tokens: number; cost_usd: number }[];
    }>();
    const day = own.days.find(({ model }) => model === 'gpt-4o-mini');
    expect(day?.answers).toBe(3);
    expect(day?.cached_tokens).toBeGreaterThanOrEqual(usage.cachedTokens);
    expect(day?.cost_usd).toBeGreaterThan(0);
  });

  it('should keep prompt, hash and removals in the receipt', async () => {
    const message = await app.ask(
      { content: question },
      { headers, replies: ['Sit [1]. See https://invented.example/page for more.'] },
    );
    const receipt = await receiptOf(message);
    expect(receipt).toMatchObject({ removals: { urls: 1 }, fallbacks: [], steps: [] });
    expect(receipt['prompt_hash']).toMatch(/^[0-9a-f]{64}$/);
    expect(receipt['prompt']).toEqual((await app.prompts())[0]);
  });

  it('should answer with excerpts and a note that everyone sees when no model answers', async () => {
    await app.server.control({ faults: ['unauthorized'], replies: [] });
    const body = { content: question };
    const message = (await app.send('POST', '/chat/chat', { headers, body })).json<Message>();
    expect(message).toMatchObject({ status: 'complete', cost_usd: 0 });
    expect(message.note).toBe('No language model answered, so these are excerpts.');
    const stored = await app.send('GET', `/chat/chats/${message.chat_id}/messages`, { headers });
    expect(stored.json<{ messages: Message[] }>().messages.at(-1)?.note).toBe(message.note);
    expect(await receiptOf(message)).toMatchObject({
      fallbacks: [{ model: 'gpt-4o-mini', next: null, reason: 'refused' }],
    });
  });

  it('should give the model the last turns without their markers', async () => {
    const first = await app.ask({ content: question }, { headers, replies: ['Sit upright [1].'] });
    await app.ask({ content: 'And how long in the evening?', chat_id: first.chat_id }, { headers });
    const [prompt] = await app.prompts();
    expect(prompt?.slice(1, 3)).toEqual([
      { role: 'user', content: question },
      { role: 'assistant', content: 'Sit upright.' },
    ]);
  });

  it('should call no model for optional steps, greetings or help', async () => {
    await app.ask({ content: 'hello' }, { headers });
    expect(await app.prompts()).toHaveLength(0);
    const help = await app.ask({ content: 'I want to kill myself' }, { headers });
    expect(help.guard.action).toBe('support');
    expect(await app.prompts()).toHaveLength(0);
    await app.ask({ content: question }, { headers });
    await app.whenNamed();
    expect(await app.prompts()).toHaveLength(1);
  });
});

describe('optional model steps of the whole server', () => {
  let app: ModelApp;
  let headers: { authorization: string };
  beforeAll(async () => {
    const on = { MODEL_ROUTING: 'true', MODEL_STANDALONE: 'true', MODEL_GUARD: 'true', MODEL_TITLES: 'true' };
    app = await openModelApp({ env: on });
    ({ headers } = await app.signUp());
  });
  afterAll(() => app.end());

  const receiptOf = async (message: Message) =>
    (await app.send('GET', `/chat/turns/${message.id}/receipt`, { headers })).json<{
      standalone_question: string;
      route: { specialist: string; reason: string };
      steps: { step: string; outcome: string }[];
      cost_micros: number;
    }>();
  const titleOf = async (message: Message) => {
    await app.whenNamed();
    return (await app.send('GET', `/chat/chats/${message.chat_id}`, { headers })).json<{ title: string }>()
      .title;
  };

  it('should name the chat after its first answer only, and leave a name that its owner gave', async () => {
    const replies = ['Sit upright [1].', '{"title":"Beginning to sit"}'];
    const first = await app.ask({ content: question }, { headers, replies });
    expect(await titleOf(first)).toBe('Beginning to sit');
    await app.send('PATCH', `/chat/chats/${first.chat_id}`, { headers, body: { title: 'Mine' } });
    await app.ask(
      { content: 'How do I brew green tea?', chat_id: first.chat_id },
      { headers, replies: ['Use warm water [1].', '{"title":"Tea"}', '{"title":"Tea"}'] },
    );
    expect(await titleOf(first)).toBe('Mine');
  });

  it('should keep the first words when the model gives no title', async () => {
    const message = await app.ask(
      { content: question },
      { headers, replies: ['Sit upright [1].', 'no title'] },
    );
    expect(await titleOf(message)).toBe(question);
  });

  it('should search with the question that the model made of a follow-up, and book its cost', async () => {
    const first = await app.ask({ content: question }, { headers, replies: ['Sit upright [1].', '{}'] });
    await app.whenNamed();
    const rewritten = 'How should beginners begin to meditate?';
    const message = await app.ask(
      { content: 'And for beginners?', chat_id: first.chat_id },
      { headers, replies: [JSON.stringify({ question: rewritten }), '{"specialist":"meditation"}'] },
    );
    const receipt = await receiptOf(message);
    expect(receipt.standalone_question).toBe(rewritten);
    expect(receipt.steps).toContainEqual(expect.objectContaining({ step: 'standalone', outcome: 'used' }));
    expect(message.cost_usd).toBeCloseTo(receipt.cost_micros / 1_000_000, 9);
  });

  it('should let the model choose the specialist when the router is not sure', async () => {
    const message = await app.ask(
      { content: 'What matters most?' },
      { headers, replies: ['{"specialist":"relationships"}', 'Be patient [1].', '{}'] },
    );
    const { route, steps } = await receiptOf(message);
    expect(steps).toContainEqual(expect.objectContaining({ step: 'routing', outcome: 'used' }));
    expect(route.specialist).toBe('relationships');
    expect(message.routing_reason).toContain('the language model chose');
  });

  it('should help first when the guard is not sure and the model hears distress', async () => {
    const content = 'Everyone would be better off';
    const message = await app.ask({ content }, { headers, replies: ['{"care":"support"}'] });
    expect(message.guard).toMatchObject({ action: 'support', policy: 'model-opinion' });
    expect(await titleOf(message)).toBe(content);
    const calm = await app.ask({ content }, { headers, replies: ['{"care":"allow"}'] });
    expect(calm.guard.action).toBe('allow');
  });

  it('should answer without the steps when every one of them fails, and log it', async () => {
    await app.server.control({ replies: [], faults: ['malformed-json', 'malformed-json'] });
    const body = { content: 'Everyone would be better off' };
    const message = (await app.send('POST', '/chat/chat', { headers, body })).json<Message>();
    expect(message.status).toBe('complete');
    const { steps } = await receiptOf(message);
    expect(steps[0]).toMatchObject({ step: 'guard', outcome: 'failed' });
    expect(app.logLines.join('')).toContain('model guard');
  });
});
