import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { StreamFrame } from '../../src/shared/chats.ts';
import type { Message } from '../../src/shared/messages.ts';
import { buildWholeApp, listenOnLoopback, openWholeApp, type WholeApp } from '../build-whole-app.ts';
import { createGatedLanguageModel } from '../gated-language-model.ts';
import { type ReceivedFrame, readFrames, textOf } from '../read-event-stream.ts';

const question = 'How hot should the water for green tea be?';
const typesOf = (frames: readonly ReceivedFrame[]) => frames.map(({ frame }) => frame.type);
const lastOf = (frames: readonly ReceivedFrame[]) =>
  frames.at(-1)?.frame as StreamFrame & { message: Message };

async function openWithModel() {
  const model = createGatedLanguageModel();
  const whole = await buildWholeApp({ withSample: true, overrides: { languageModel: model } });
  const { send, get, post } = whole.as('user');
  return { model, whole, send, get, post };
}

describe('POST /api/v1/chat/stream', () => {
  let shared: WholeApp;
  beforeAll(async () => {
    shared = await openWholeApp({ withSample: true });
  });
  afterAll(() => shared.close());

  it('should send the frames of an answer in order, each id growing, and agree with the stored message', async () => {
    const { as } = shared;
    const response = await as('user').post('/api/v1/chat/stream', { content: question });
    expect(response.headers['content-type']).toContain('text/event-stream');
    const frames = await readFrames(response.body);
    const types = typesOf(frames);
    expect(types.slice(0, 2)).toEqual(['start', 'route']);
    expect(types.slice(-3)).toEqual(['citation', 'metadata', 'done']);
    expect(new Set(types.slice(2, -3))).toEqual(new Set(['token']));
    const ids = frames.flatMap(({ id }) => (id === undefined ? [] : [Number(id)]));
    expect(ids).toEqual([...new Set(ids)].toSorted((left, right) => left - right));
    const { message } = lastOf(frames);
    expect(textOf(frames)).toBe(message.content);
    const stored = (await as('user').get(`/api/v1/chat/chats/${message.chat_id}/messages`)).json<{
      messages: Message[];
    }>();
    expect(stored.messages[1]).toEqual(message);
  });

  it('should say the same as JSON and as a stream', async () => {
    const { as } = shared;
    const headers = { 'idempotency-key': 'same' };
    const message = (
      await as('user').post('/api/v1/chat/chat', { content: question }, headers)
    ).json<Message>();
    const frames = await readFrames(
      (await as('user').post('/api/v1/chat/stream', { content: question }, headers)).body,
    );
    expect(lastOf(frames).message).toEqual(message);
    const asked = await as('user').post('/api/v1/chat/chat', { content: question, stream: true });
    expect(typesOf(await readFrames(asked.body)).at(-1)).toBe('done');
  });

  it('should resume after any event with the rest and one end', async () => {
    const { as } = shared;
    const { body } = await as('user').post('/api/v1/chat/stream', { content: question });
    const frames = await readFrames(body);
    const url = `/api/v1/chat/turns/${lastOf(frames).message.id}/events`;
    for (const [position, { id }] of frames.entries()) {
      if (id === undefined) continue;
      const resumed = await readFrames((await as('user').get(url, { 'last-event-id': id })).body);
      const before = frames.slice(0, position + 1);
      expect(textOf(before) + textOf(resumed)).toBe(textOf(frames));
      const ends = typesOf([...before, ...resumed]).filter((type) => type === 'done' || type === 'error');
      expect(ends).toEqual(['done']);
      expect((await as('user').get(`${url}?after=${id}`)).body).toBe(
        (await as('user').get(url, { 'last-event-id': id })).body,
      );
    }
    expect((await as('user').get(url)).body).toBe(body);
  });

  it('should keep the text of a stopped answer, for the stream, for JSON and for later', async () => {
    const { model, whole, get, post } = await openWithModel();
    const address = await listenOnLoopback(whole);
    const response = await fetch(`${address}/api/v1/chat/stream`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await whole.as('user').token()}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ content: question }),
    });
    await model.asked();
    model.say(
      `Water of seventy degrees is right for green tea [1]. ${'And so it goes on and on. '.repeat(8)}`,
    );
    const parts: string[] = [];
    let isStopped = false;
    for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      parts.push(part);
      const turnId = /"turn_id":(\d+)/.exec(parts.join(''))?.[1];
      if (!isStopped && parts.join('').includes('seventy')) {
        isStopped = true;
        const stop = await post(`/api/v1/chat/turns/${turnId}/stop`);
        expect(stop.statusCode).toBe(202);
        expect(stop.json()).toMatchObject({ stopping: true });
      }
    }
    const frames = await readFrames(parts.join(''));
    const { message } = lastOf(frames);
    expect(message).toMatchObject({ status: 'stopped' });
    expect(message.content).toContain('seventy degrees');
    expect(message.sources).toHaveLength(1);
    const again = await post(`/api/v1/chat/turns/${message.id}/stop`);
    expect(again.json()).toMatchObject({ stopping: false });
    const chat = (await get(`/api/v1/chat/chats/${message.chat_id}`)).json<{ messages: Message[] }>();
    expect(chat.messages[1]).toEqual(message);
  });

  it('should go on when the reader disconnects, and show all of it to one that comes back', async () => {
    const { model, whole, get } = await openWithModel();
    const address = await listenOnLoopback(whole);
    const leaving = new AbortController();
    const response = await fetch(`${address}/api/v1/chat/stream`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await whole.as('user').token()}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ content: question }),
      signal: leaving.signal,
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let received = '';
    while (!received.includes('"type":"route"')) received += (await reader?.read())?.value ?? '';
    await model.asked();
    leaving.abort();
    await reader?.read().catch(() => undefined);
    model.say('Water of seventy degrees is right for green tea [1].');
    model.end();
    const turnId = /"turn_id":(\d+)/.exec(received)?.[1];
    const frames = await readFrames((await get(`/api/v1/chat/turns/${turnId}/events`)).body);
    expect(lastOf(frames)).toMatchObject({ type: 'done', message: { status: 'complete' } });
    expect(textOf(frames)).toContain('seventy degrees');
  });

  it('should fall back to excerpts when the model fails before a word', async () => {
    const { model, post } = await openWithModel();
    const answering = post('/api/v1/chat/chat', { content: question });
    await model.asked();
    model.end(new Error('no model today'));
    const message = (await answering).json<Message>();
    expect(message).toMatchObject({ status: 'complete' });
    expect(message.content).toContain('seventy degrees');
  });

  it('should end with an error and the text when the model fails in the middle', async () => {
    const { model, post, get } = await openWithModel();
    const answering = post('/api/v1/chat/stream', { content: question });
    await model.asked();
    model.say(
      `Water of seventy degrees is right for green tea [1]. ${'And so it goes on and on. '.repeat(8)}`,
    );
    model.end(new Error('cut off'));
    const frames = await readFrames((await answering).body);
    expect(typesOf(frames).filter((type) => type === 'done' || type === 'error')).toEqual(['error']);
    const error = frames.at(-1)?.frame as unknown as Record<string, unknown> & { answer: Message };
    expect(error).toMatchObject({ type: 'error', code: 'model_unavailable', answer: { status: 'failed' } });
    expect(error.answer.content).toContain('seventy degrees');
    expect(JSON.stringify(error)).not.toContain('cut off');
    const turn = await get(`/api/v1/chat/turns/${error.answer.id}/receipt`);
    expect(turn.statusCode).toBe(200);
    const again = post(`/api/v1/chat/messages/${error.answer.id}/regenerate`, {});
    await model.asked();
    model.say('Seventy degrees [1].');
    model.end();
    expect((await again).json()).toMatchObject({ status: 'complete', parent_id: error.answer.parent_id });
  });

  it('should end open streams as interrupted at shutdown, and keep their text', async () => {
    const { model, whole } = await openWithModel();
    const address = await listenOnLoopback(whole);
    const response = await fetch(`${address}/api/v1/chat/stream`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await whole.as('user').token()}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ content: question }),
    });
    await model.asked();
    model.say(
      `Water of seventy degrees is right for green tea [1]. ${'And so it goes on and on. '.repeat(8)}`,
    );
    let received = '';
    let isClosing = false;
    let closing: Promise<void> = Promise.resolve();
    for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      received += part;
      if (!isClosing && received.includes('seventy')) {
        isClosing = true;
        closing = whole.close(0);
      }
    }
    await closing;
    const frames = await readFrames(received);
    expect(frames.at(-1)?.frame).toMatchObject({
      type: 'error',
      code: 'turn_interrupted',
      answer: { status: 'interrupted', content: expect.stringContaining('seventy') },
    });
  });
});
