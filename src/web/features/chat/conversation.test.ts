import { describe, expect, it } from 'vitest';

import type { Chat, StreamFrame } from '../../../shared/chats.ts';
import { ApiError } from '../../../shared/client/api-error.ts';
import type { NumberedFrame } from '../../../shared/client/stream-frames.ts';
import type { Message } from '../../../shared/messages.ts';
import { createConversation } from './conversation.ts';
import type { ConversationDependencies } from './conversation.ts';
import { createStoredSession } from './stored-session.ts';

const start: StreamFrame = { type: 'start', chat_id: 3, message_id: 8, turn_id: 8, question_id: 7 };
const noGuard = { action: 'allow' as const, policy: null, reason: null };

const messageDefaults: Message = {
  id: 8,
  chat_id: 3,
  role: 'assistant',
  content: 'Sit down.',
  status: 'complete',
  parent_id: 7,
  agent_used: null,
  routing_reason: null,
  namespaces: [],
  sources: [],
  citations: [],
  guard: noGuard,
  note: null,
  prompt_tokens: 0,
  completion_tokens: 0,
  total_tokens: 0,
  cost_usd: 0,
  response_time_ms: null,
  created_at: '2026-11-21T08:00:00Z',
};
const done: StreamFrame = { type: 'done', message: messageDefaults };
const question: Message = { ...messageDefaults, id: 7, role: 'user', content: 'How do I begin?' };

function chatWith(messages: Message[]): Chat {
  return {
    id: 3,
    title: 'How do I begin?',
    persona: 'herman',
    pinned: false,
    archived: false,
    created_at: '2026-11-21T08:00:00Z',
    updated_at: '2026-11-21T08:00:00Z',
    total_tokens_used: 0,
    total_cost: 0,
    messages,
  };
}

type Script = { frames: StreamFrame[]; error?: ApiError; until?: Promise<void> };

async function* play({ frames, error, until }: Script, after = 0): AsyncGenerator<NumberedFrame> {
  for (const [index, frame] of frames.entries()) yield { id: after + index + 1, frame };
  await until;
  if (error !== undefined) throw error;
}

function failure(
  code: 'not_found' | 'connection_lost' | 'rate_limited' | 'unreachable',
  retryAfterSeconds?: number,
) {
  return new ApiError({ code, status: 0, detail: code, retryAfterSeconds });
}

/** A conversation whose server answers each request with the next script, and what it was asked. */
function build(scripts: Script[], chats: (Chat | ApiError)[] = []) {
  const calls: unknown[] = [];
  const stored = new Map<string, string>();
  const addresses: (number | null)[] = [];
  const next = () => scripts.shift() ?? { frames: [] };
  const client: ConversationDependencies['client'] = {
    streamAsk: (ask, options) => {
      calls.push({ ask, key: options?.idempotencyKey });
      return play(next());
    },
    streamRegenerate: (answerId) => {
      calls.push({ again: answerId });
      return play(next());
    },
    streamEdit: ({ messageId, content }) => {
      calls.push({ edit: messageId, content });
      return play(next());
    },
    followTurn: (turnId, options) => {
      calls.push({ follow: turnId, lastId: options?.lastId ?? 0 });
      return play(next(), options?.lastId ?? 0);
    },
    stopTurn: async (turnId) => void calls.push({ stop: turnId }),
    getChat: async (chatId) => {
      calls.push({ open: chatId });
      const chat = chats.shift() ?? failure('not_found');
      if (chat instanceof ApiError) throw chat;
      return chat;
    },
  };
  const session = createStoredSession({
    getItem: (key) => stored.get(key) ?? null,
    setItem: (key, value) => void stored.set(key, value),
    removeItem: (key) => void stored.delete(key),
  });
  let keys = 0;
  const conversation = createConversation({
    client,
    session,
    onChat: (chatId) => addresses.push(chatId),
    createKey: () => `key-${(keys += 1)}`,
    wait: async () => undefined,
  });
  const last = () => conversation.read().turns.at(-1);
  return { conversation, session, calls, addresses, last };
}

/** Lets every promise that is ready run on. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('createConversation', () => {
  it('should ask, name the chat in the address and forget the pending question once it is acknowledged', async () => {
    const { conversation, session, calls, addresses, last } = build([{ frames: [start, done] }]);
    conversation.ask('How do I begin?', 'herman');
    expect(session.pending()).toEqual({ key: 'key-1', question: 'How do I begin?', chatId: null });
    await settled();
    expect(last()).toMatchObject({ phase: 'complete', content: 'Sit down.' });
    expect(session.pending()).toBeNull();
    expect(addresses).toEqual([3]);
    expect(calls).toEqual([{ ask: { content: 'How do I begin?', persona: 'herman' }, key: 'key-1' }]);
    conversation.ask('And then?');
    expect(calls.at(-1)).toEqual({ ask: { content: 'And then?', chat_id: 3 }, key: 'key-2' });
  });

  it('should send an unacknowledged question again after a reload, with the same key', async () => {
    const { conversation, session, calls, last } = build([{ frames: [start, done] }]);
    session.keepPending({ key: 'old', question: 'How do I begin?', chatId: null });
    await conversation.resume(null);
    await settled();
    expect(calls).toEqual([{ ask: { content: 'How do I begin?', persona: null }, key: 'old' }]);
    expect(last()).toMatchObject({ phase: 'complete' });
  });

  it('should follow an answer that still runs when its chat is opened, from its beginning', async () => {
    const running = chatWith([question, { ...messageDefaults, status: 'generating', content: 'Si' }]);
    const { conversation, calls, last } = build([{ frames: [start, done] }], [running]);
    await conversation.resume(3);
    await settled();
    expect(calls).toEqual([{ open: 3 }, { follow: 8, lastId: 0 }]);
    expect(last()).toMatchObject({ phase: 'complete', content: 'Sit down.' });
  });

  it('should show a turn once when the question that is sent again is already in the chat', async () => {
    const running = chatWith([question, { ...messageDefaults, status: 'generating' }]);
    const never = new Promise<void>(() => undefined);
    const { conversation, session } = build(
      [{ frames: [], until: never }, { frames: [start, done] }],
      [running],
    );
    session.keepPending({ key: 'old', question: 'How do I begin?', chatId: 3 });
    await conversation.resume(3);
    await settled();
    expect(conversation.read().turns).toHaveLength(1);
    expect(conversation.read().turns[0]).toMatchObject({ key: 'old', phase: 'complete' });
  });

  it('should go on after the last frame when a lost connection is tried once more', async () => {
    const token: StreamFrame = { type: 'token', content: 'Sit' };
    const { conversation, calls, last } = build([
      { frames: [start, token], error: failure('connection_lost') },
      { frames: [{ type: 'token', content: ' down.' }, done] },
    ]);
    conversation.ask('How do I begin?');
    await settled();
    const lost = last();
    expect(lost).toMatchObject({ phase: 'failed', content: 'Sit', problem: { code: 'connection_lost' } });
    if (lost !== undefined) conversation.askAgain(lost);
    await settled();
    expect(calls.at(-1)).toEqual({ follow: 8, lastId: 2 });
    expect(last()).toMatchObject({ phase: 'complete', content: 'Sit down.', problem: null });
  });

  it('should repeat a question that was never taken with its own key, in its place', async () => {
    const { conversation, calls, last } = build([
      { frames: [], error: failure('rate_limited', 12) },
      { frames: [start, done] },
    ]);
    conversation.ask('How do I begin?');
    await settled();
    const refused = last();
    expect(refused).toMatchObject({ phase: 'failed', problem: { retryAfterSeconds: 12 } });
    if (refused !== undefined) conversation.askAgain(refused);
    await settled();
    expect(calls.map((call) => (call as { key: string }).key)).toEqual(['key-1', 'key-1']);
    expect(conversation.read().turns).toHaveLength(1);
  });

  it('should ask an interrupted question anew', async () => {
    const interrupted: StreamFrame = { type: 'error', message: 'Gone.', code: 'turn_interrupted' };
    const { conversation, calls, last } = build([{ frames: [start, interrupted] }, { frames: [] }]);
    conversation.ask('How do I begin?');
    await settled();
    const turn = last();
    expect(turn).toMatchObject({ phase: 'interrupted' });
    if (turn !== undefined) conversation.askAgain(turn);
    expect(calls.at(-1)).toMatchObject({ ask: { content: 'How do I begin?', chat_id: 3 }, key: 'key-2' });
    expect(conversation.read().turns).toHaveLength(2);
  });

  it('should read the message when the events of a turn are gone', async () => {
    const running = chatWith([question, { ...messageDefaults, status: 'generating', content: '' }]);
    const ended = chatWith([question, messageDefaults]);
    const { conversation, last } = build([{ frames: [], error: failure('not_found') }], [running, ended]);
    await conversation.open(3);
    await settled();
    expect(last()).toMatchObject({ phase: 'complete', content: 'Sit down.' });
  });

  it('should stop an answer, also when stop was pressed before the server named it', async () => {
    let name: () => void = () => undefined;
    const named = new Promise<void>((resolve) => {
      name = resolve;
    });
    const client = build([{ frames: [start], until: named }]);
    client.conversation.ask('How do I begin?');
    client.conversation.stop();
    expect(client.calls).toHaveLength(1);
    await settled();
    expect(client.calls.at(-1)).toEqual({ stop: 8 });
    client.conversation.stop();
    expect(client.calls.filter((call) => 'stop' in (call as object))).toHaveLength(2);
    name();
    await settled();
    client.conversation.startNew();
    client.conversation.stop();
    expect(client.calls.filter((call) => 'stop' in (call as object))).toHaveLength(2);
  });

  it('should say that a chat cannot be opened, and begin a new one', async () => {
    const { conversation } = build([], [failure('not_found')]);
    await conversation.resume(99);
    expect(conversation.read().loading).toMatchObject({ code: 'not_found' });
    conversation.startNew();
    expect(conversation.read()).toMatchObject({ chatId: null, turns: [], loading: 'ready' });
  });

  it('should let go of an answer when another chat is opened', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { conversation } = build(
      [{ frames: [start], until: held, error: failure('unreachable') }],
      [{ ...chatWith([]), id: 5 }],
    );
    conversation.ask('How do I begin?');
    await settled();
    await conversation.open(5);
    release();
    await settled();
    expect(conversation.read()).toMatchObject({ chatId: 5, turns: [], loading: 'ready' });
  });

  it('should put another answer, and the answer to a changed question, in the place of the last one', async () => {
    const second: StreamFrame = { ...start, message_id: 9, turn_id: 9 };
    const third: StreamFrame = { ...start, message_id: 11, turn_id: 11, question_id: 10 };
    const { conversation, session, calls, last } = build(
      [{ frames: [second, { type: 'done', message: { ...messageDefaults, id: 9 } }] }, { frames: [third] }],
      [chatWith([question, messageDefaults])],
    );
    await conversation.open(3);
    const first = last();
    if (first !== undefined) conversation.answerAgain(first);
    await settled();
    expect(calls.at(-1)).toEqual({ again: 8 });
    expect(conversation.read().turns).toMatchObject([
      { turnId: 9, questionId: 7, question: 'How do I begin?', phase: 'complete' },
    ]);
    const again = last();
    if (again !== undefined) conversation.edit(again, 'How do I stop?');
    expect(session.pending()).toBeNull();
    await settled();
    expect(calls.at(-1)).toEqual({ edit: 7, content: 'How do I stop?' });
    expect(conversation.read().turns).toMatchObject([
      { turnId: 11, questionId: 10, question: 'How do I stop?', phase: 'reading' },
    ]);
    const running = last();
    if (running !== undefined) conversation.answerAgain(running);
    expect(calls.at(-1)).toEqual({ edit: 7, content: 'How do I stop?' });
  });

  it('should try a changed question again as what it was', async () => {
    const { conversation, calls, last } = build(
      [{ frames: [], error: failure('rate_limited', 5) }, { frames: [start, done] }],
      [chatWith([question, messageDefaults])],
    );
    await conversation.open(3);
    const first = last();
    if (first !== undefined) conversation.edit(first, 'How do I stop?');
    await settled();
    const refused = last();
    expect(refused).toMatchObject({ phase: 'failed', question: 'How do I stop?' });
    if (refused !== undefined) conversation.askAgain(refused);
    await settled();
    expect(calls.slice(1)).toEqual(Array.from({ length: 2 }, () => ({ edit: 7, content: 'How do I stop?' })));
    expect(last()).toMatchObject({ phase: 'complete' });
  });
});
