import type { z } from 'zod';

import type { Ask, Chat, chatListSchema, createChatSchema, Feedback, updateChatSchema } from '../chats.ts';
import type { Message } from '../messages.ts';
import { ApiError } from './api-error.ts';
import type { Transport } from './create-transport.ts';
import { type NumberedFrame, streamFrames, type StreamFramesOptions } from './stream-frames.ts';

export type StreamOptions = Pick<
  StreamFramesOptions,
  'signal' | 'silenceTimeoutMs' | 'maximumReconnects' | 'wait'
>;

export type ChatList = z.infer<typeof chatListSchema>;

/** An answer as one JSON message can take as long as the model needs. */
const ANSWER_TIMEOUT_MS = 180_000;

/** Calls about questions, turns and chats. */
export function createChatCalls({ send, open }: Transport) {
  const openTurn = (position: { turnId?: number; lastId?: number }, signal: AbortSignal) =>
    open({
      path: `/chat/turns/${position.turnId}/events`,
      headers: {
        accept: 'text/event-stream',
        ...(position.lastId === undefined ? {} : { 'last-event-id': String(position.lastId) }),
      },
      signal,
      timeoutMs: null,
    });

  /** A branch has no idempotency key, so it is asked for once: a repeat could write a second answer. */
  const streamBranch = (request: { path: string; body: object }, options: StreamOptions) => {
    let isSent = false;
    return streamFrames({
      ...options,
      open: async (position, signal) => {
        if (position.turnId !== undefined) return openTurn(position, signal);
        if (isSent) {
          const detail = 'The connection was lost before the answer began. Open the chat again to see it.';
          throw new ApiError({ code: 'connection_lost', status: 0, detail });
        }
        isSent = true;
        const headers = { accept: 'text/event-stream' };
        return open({ method: 'POST', ...request, headers, signal, timeoutMs: null });
      },
    });
  };

  return {
    /** Asks and waits for the whole answer. */
    ask: (question: Ask, options: { signal?: AbortSignal; idempotencyKey?: string } = {}) =>
      send<Message>({
        method: 'POST',
        path: '/chat/chat',
        body: question,
        headers: { 'idempotency-key': options.idempotencyKey ?? createIdempotencyKey() },
        signal: options.signal,
        timeoutMs: ANSWER_TIMEOUT_MS,
      }),

    /**
     * Asks and yields the frames of the answer, each once; a lost connection is resumed. Leaving the loop or aborting
     * closes the connection and lets the turn go on: `stopTurn` ends it.
     * @throws ApiError
     */
    streamAsk: (
      question: Ask,
      options: StreamOptions & { idempotencyKey?: string } = {},
    ): AsyncGenerator<NumberedFrame> => {
      const { idempotencyKey = createIdempotencyKey(), ...rest } = options;
      return streamFrames({
        ...rest,
        open: (position, signal) =>
          position.turnId === undefined
            ? // The key makes a repeat before the first frame join the same turn.
              open({
                method: 'POST',
                path: '/chat/stream',
                body: question,
                headers: { accept: 'text/event-stream', 'idempotency-key': idempotencyKey },
                signal,
                timeoutMs: null,
              })
            : openTurn(position, signal),
      });
    },

    /** Follows a turn that runs or has ended lately, from its beginning or after the sequence `lastId`. @throws ApiError */
    followTurn: (
      turnId: number,
      options: StreamOptions & { lastId?: number } = {},
    ): AsyncGenerator<NumberedFrame> => streamFrames({ ...options, turnId, open: openTurn }),

    stopTurn: (turnId: number) =>
      send<unknown>({ method: 'POST', path: `/chat/turns/${turnId}/stop`, body: {} }),
    receipt: (turnId: number) => send<Record<string, unknown>>({ path: `/chat/turns/${turnId}/receipt` }),

    listChats: (
      query: { page?: number; per_page?: number; q?: string; persona?: string } = {},
      options: { signal?: AbortSignal } = {},
    ) => send<ChatList>({ path: '/chat/chats', query, signal: options.signal }),
    createChat: (chat: z.input<typeof createChatSchema> = {}) =>
      send<Chat>({ method: 'POST', path: '/chat/chats', body: chat }),
    getChat: (chatId: number, options: { signal?: AbortSignal } = {}) =>
      send<Chat>({ path: `/chat/chats/${chatId}`, signal: options.signal }),
    updateChat: (chatId: number, change: z.input<typeof updateChatSchema>) =>
      send<Chat>({ method: 'PATCH', path: `/chat/chats/${chatId}`, body: change }),
    removeChat: (chatId: number) => send<void>({ method: 'DELETE', path: `/chat/chats/${chatId}` }),
    listMessages: async (chatId: number, query: { tree?: boolean } = {}) =>
      (await send<{ messages: Message[] }>({ path: `/chat/chats/${chatId}/messages`, query })).messages,

    regenerate: (messageId: number) =>
      send<Message>({
        method: 'POST',
        path: `/chat/messages/${messageId}/regenerate`,
        body: {},
        timeoutMs: ANSWER_TIMEOUT_MS,
      }),
    editQuestion: (messageId: number, content: string) =>
      send<Message>({
        method: 'POST',
        path: `/chat/messages/${messageId}/edit`,
        body: { content },
        timeoutMs: ANSWER_TIMEOUT_MS,
      }),
    /** Answers the question of an answer once more, beside it, and yields the frames. @throws ApiError */
    streamRegenerate: (messageId: number, options: StreamOptions = {}): AsyncGenerator<NumberedFrame> =>
      streamBranch({ path: `/chat/messages/${messageId}/regenerate`, body: {} }, options),
    /** Asks an edited question in place of the old one and yields the frames. @throws ApiError */
    streamEdit: (
      question: { messageId: number; content: string },
      options: StreamOptions = {},
    ): AsyncGenerator<NumberedFrame> => {
      const { messageId, content } = question;
      return streamBranch({ path: `/chat/messages/${messageId}/edit`, body: { content } }, options);
    },
    giveFeedback: (messageId: number, feedback: Feedback) =>
      send<unknown>({ method: 'PUT', path: `/chat/messages/${messageId}/feedback`, body: feedback }),
  };
}

/** 128 random bits in hex; `crypto.randomUUID` is missing on pages that are not served over HTTPS. */
function createIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
