import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Chat } from '../../src/shared/chats.ts';
import type { Message } from '../../src/shared/messages.ts';
import { createTestClock } from '../build-app.ts';
import { buildWholeApp, openWholeApp, type WholeApp } from '../build-whole-app.ts';
import { createGatedLanguageModel } from '../gated-language-model.ts';

const ask = '/api/v1/chat/chat';
let count = 0;
const question = 'How hot should the water for green tea be?';

describe('asking', () => {
  let whole: WholeApp;
  beforeAll(async () => {
    whole = await openWholeApp({ withSample: true });
  });
  afterAll(() => whole.close());

  it('should greet with the agent, real token counts and a response time, whatever the content type', async () => {
    const { as, app } = whole;
    const payload = JSON.stringify({ content: 'Hello Tessa', chat_id: null });
    const typed: Record<string, string>[] = [
      { 'content-type': 'application/json' },
      // What curl sends for -d.
      { 'content-type': 'application/x-www-form-urlencoded' },
      { 'content-type': 'text/plain' },
      {},
    ];
    for (const headers of typed) {
      const response = await as('user').send({
        method: 'POST',
        url: ask,
        payload,
        headers,
      });
      expect(response.statusCode).toBe(200);
      const message = response.json<Message>();
      expect(message).toMatchObject({
        role: 'assistant',
        status: 'complete',
        agent_used: 'tea',
        sources: [],
      });
      expect(message.content).toBe('Hello, I am Tessa. Ask me about bells.');
      expect(message.prompt_tokens).toBeGreaterThan(0);
      expect(message.completion_tokens).toBeGreaterThan(5);
      expect(message.total_tokens).toBe(message.prompt_tokens + message.completion_tokens);
      expect(message.response_time_ms).toBeGreaterThanOrEqual(0);
    }
    const guest = await app.inject({ method: 'POST', url: ask, payload: { content: 'Hello' } });
    expect(guest.statusCode).toBe(200);
    expect(guest.headers['set-cookie']).toBeDefined();
  });

  it('should answer from the knowledge with sources that open', async () => {
    const { as } = whole;
    const message = (await as('user').post(ask, { content: question })).json<Message>();
    expect(message).toMatchObject({ agent_used: 'tea', namespaces: ['tea'], status: 'complete' });
    expect(message.content).toContain('seventy degrees');
    expect(message.sources).toMatchObject([{ marker: 1, title: 'Brewing green tea', namespace: 'tea' }]);
    const [source] = message.sources;
    const passages = await as('user').get(`/api/v1/documents/${source?.document_id}/passages`);
    expect(passages.json<{ id: number }[]>().map(({ id }) => id)).toContain(source?.passage_id);
    const bell = (
      await as('user').post(ask, { content: 'When does the bell of the gatehouse ring?' })
    ).json<Message>();
    expect(bell.sources[0]?.youtube_url).toMatch(/[?&]t=\d/);
  });

  it('should say so when the library does not answer, without a source', async () => {
    const { as } = whole;
    const message = (
      await as('user').post(ask, { content: 'Who won the chess match in Reykjavik?' })
    ).json<Message>();
    expect(message).toMatchObject({ status: 'complete', sources: [], citations: [] });
    expect(message.content).toContain('My library does not answer that.');
  });

  it.each([
    [{ content: '' }, 422, 'invalid_field'],
    [{ content: ' \n' }, 422, 'invalid_field'],
    [{ content: 'x'.repeat(10_001) }, 422, 'invalid_field'],
    [{}, 422, 'invalid_field'],
    [{ content: 7 }, 422, 'invalid_field'],
    [{ content: 'Hi', chat_id: 'one' }, 422, 'invalid_field'],
    [{ content: 'Hi', chat_id: -1 }, 422, 'invalid_field'],
    [{ content: 'Hi', stream: 'yes' }, 422, 'invalid_field'],
    [{ content: 'Hi', namespace: 'nowhere' }, 422, 'invalid_field'],
    [{ content: 'Hi', chat_id: 999 }, 404, 'not_found'],
    [{ content: 'Hi', persona: 'nobody' }, 404, 'not_found'],
    [{ content: 'Hi', parent_id: 999 }, 404, 'not_found'],
  ] as const)('should refuse %j with %i', async (...[body, status, code]) => {
    const { as } = whole;
    const asker = as('user', `refused-${++count}`);
    const response = await asker.post(ask, body);
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.json()).toMatchObject({ status, code, detail: expect.any(String) });
    expect((await asker.get('/api/v1/chat/chats')).json()).toMatchObject({ total: 0 });
  });

  it('should take a question of exactly 10,000 characters', async () => {
    const { as } = whole;
    expect((await as('user').post(ask, { content: 'tea '.repeat(2_500) })).statusCode).toBe(200);
  });

  it.each(['{"content": "Hi"', '[]', '"Hi"', 'null', '{"content": "Hi",}', '\u0000'])(
    'should refuse the body %j as malformed or invalid',
    async (payload) => {
      const { as } = whole;
      const headers = { 'content-type': 'application/json' };
      const response = await as('user').send({ method: 'POST', url: ask, payload, headers });
      expect([400, 422]).toContain(response.statusCode);
    },
  );

  it('should refuse an expired token, and let the same question through with a new one', async () => {
    const clock = createTestClock();
    const { as, wwhd } = await buildWholeApp({ overrides: { now: clock.now } });
    expect((await as('user').post(ask, { content: 'Hello' })).statusCode).toBe(200);
    clock.advance(3_600_000 + 61_000);
    const late = await as('user').post(ask, { content: 'Hello' });
    expect(late.statusCode).toBe(401);
    expect(late.headers['www-authenticate']).toContain('Bearer');
    expect(late.json()).toMatchObject({ code: 'invalid_token' });
    expect(wwhd.app.server.listening).toBe(false);
  });

  it("should hide another user's chat, turn, message and receipt behind 404", async () => {
    const { as } = whole;
    const anna = as('user', 'anna');
    const ben = as('user', 'ben');
    const message = (await anna.post(ask, { content: 'Hello' })).json<Message>();
    const { id, chat_id: chatId, parent_id: questionId } = message;
    const hidden = await Promise.all([
      ben.get(`/api/v1/chat/chats/${chatId}`),
      ben.get(`/api/v1/chat/chats/${chatId}/messages`),
      ben.get(`/api/v1/chat/chats/${chatId}/export`),
      ben.patch(`/api/v1/chat/chats/${chatId}`, { title: 'Mine' }),
      ben.delete(`/api/v1/chat/chats/${chatId}`),
      ben.post(ask, { content: 'Hi', chat_id: chatId }),
      ben.get(`/api/v1/chat/turns/${id}/events`),
      ben.post(`/api/v1/chat/turns/${id}/stop`),
      ben.get(`/api/v1/chat/turns/${id}/receipt`),
      ben.post(`/api/v1/chat/messages/${id}/regenerate`, {}),
      ben.post(`/api/v1/chat/messages/${questionId}/edit`, { content: 'Hi' }),
      ben.put(`/api/v1/chat/messages/${id}/feedback`, { rating: 'up' }),
    ]);
    expect(hidden.map((response) => response.statusCode)).toEqual(hidden.map(() => 404));
    expect((await anna.get(`/api/v1/chat/chats/${chatId}`)).json<Chat>().messages).toHaveLength(2);
    expect((await ben.get('/api/v1/chat/chats')).json()).toMatchObject({ total: 0 });
    expect((await anna.get(`/api/v1/chat/turns/${id}/receipt`)).json()).toMatchObject({ prompt: null });
    expect((await as('curator').get(`/api/v1/chat/turns/${id}/receipt`)).statusCode).toBe(200);
  });
});

describe('two questions at once', () => {
  it('should attach a repeat with the same Idempotency-Key to the running turn', async () => {
    const model = createGatedLanguageModel();
    const { as } = await buildWholeApp({ withSample: true, overrides: { languageModel: model } });
    const headers = { 'idempotency-key': 'one' };
    const first = as('user').post(ask, { content: question }, headers);
    await model.asked();
    const second = as('user').post(ask, { content: question }, headers);
    model.say('Seventy degrees [1].');
    model.end();
    const [one, two] = await Promise.all([first, second]);
    expect(one.statusCode).toBe(200);
    expect(two.json()).toEqual(one.json());
    expect((await as('user').post(ask, { content: question }, headers)).json()).toEqual(one.json());
    const other = await as('user').post(ask, { content: 'Another' }, headers);
    expect(other.json()).toMatchObject({ status: 422, code: 'idempotency_mismatch' });
    expect((await as('user').get('/api/v1/chat/chats')).json()).toMatchObject({ total: 1 });
  });

  it('should refuse a second turn of a chat while one runs, and take it afterwards', async () => {
    const model = createGatedLanguageModel();
    const { as } = await buildWholeApp({ withSample: true, overrides: { languageModel: model } });
    const { chat_id: chatId } = (await as('user').post(ask, { content: 'Hello' })).json<Message>();
    const body = { content: question, chat_id: chatId };
    const both = [as('user').post(ask, body), as('user').post(ask, body)];
    await model.asked();
    const refused = await Promise.race(both);
    expect(refused.json()).toMatchObject({ status: 409, code: 'turn_running' });
    model.say('Seventy degrees [1].');
    model.end();
    const statuses = (await Promise.all(both)).map((response) => response.statusCode);
    expect(statuses.toSorted((left, right) => left - right)).toEqual([200, 409]);
    expect((await as('user').post(ask, { content: 'Thank you', chat_id: chatId })).statusCode).toBe(200);
    const chat = (await as('user').get(`/api/v1/chat/chats/${chatId}`)).json<Chat>();
    expect(chat.messages).toHaveLength(6);
  });
});
