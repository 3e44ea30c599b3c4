import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import {
  chatListSchema,
  chatSchema,
  createChatSchema,
  feedbackSchema,
  updateChatSchema,
} from '../../../shared/chats.ts';
import { messageSchema } from '../../../shared/messages.ts';
import { AppError, notFound } from '../../errors.ts';
import { noContent, problemResponses } from '../../http/add-openapi.ts';
import { userIdOf } from '../../http/authenticate.ts';
import type { App } from '../../http/http-app.ts';
import type { Persona } from '../../pipeline/persona.ts';
import type { AskQuestion } from './ask-question.ts';
import { branchOf, type ChatRecord, type ChatStore } from './chat-store.ts';
import { exportChat } from './export-chat.ts';
import { presentChat, presentMessage } from './present-chat.ts';
import type { TurnRunner } from './turn-runner.ts';

const idParams = z.object({ id: z.coerce.number().int().min(1) });
const tags = ['chats'];
const listQuery = z.object({
  page: z.coerce.number().int().min(1).max(100_000).default(1),
  per_page: z.coerce.number().int().min(1).max(100).default(20),
  q: z.string().trim().max(200).optional(),
  persona: z.string().max(100).optional(),
});
const NEW_CHAT = 'New chat';

/** The asker's own chats; under /api/v1/chat/chats and, for older clients, /api/v1/chats. */
export function registerChats(
  app: App,
  dependencies: {
    chats: ChatStore;
    runner: TurnRunner;
    askQuestion: AskQuestion;
    personaOf: (id: string | null | undefined) => Persona;
  },
): void {
  const { chats, runner, askQuestion, personaOf } = dependencies;
  const listRoute = {
    schema: {
      tags,
      summary: 'List own chats',
      querystring: listQuery,
      response: { 200: chatListSchema, ...problemResponses },
    },
  };
  for (const base of ['/api/v1/chat/chats', '/api/v1/chats']) registerAt(base);
  app.get('/api/v1/chat/sessions', listRoute, async (request) => list(request.query, request));

  function registerAt(base: string): void {
    app.get(base, listRoute, async (request) => list(request.query, request));
    app.post(
      base,
      {
        schema: {
          tags,
          summary: 'Begin a chat',
          body: createChatSchema,
          response: { 201: chatSchema, ...problemResponses },
        },
      },
      async (request, reply) => create(request, reply),
    );
    app.get(
      `${base}/:id`,
      {
        schema: {
          tags,
          summary: 'Read a chat',
          params: idParams,
          response: { 200: chatSchema, ...problemResponses },
        },
      },
      async (request) => readChat(await own(request.params.id, request)),
    );
    app.patch(
      `${base}/:id`,
      {
        schema: {
          tags,
          summary: 'Rename, pin or archive a chat',
          params: idParams,
          body: updateChatSchema,
          response: { 200: chatSchema, ...problemResponses },
        },
      },
      async (request) => {
        const chat = await own(request.params.id, request);
        const { title, pinned, archived } = request.body;
        const updated = await chats.update(chat.id, {
          ...(title === undefined ? {} : { title, isTitleSet: 1 as const }),
          ...(pinned === undefined ? {} : { isPinned: pinned ? 1 : 0 }),
          ...(archived === undefined ? {} : { isArchived: archived ? 1 : 0 }),
        });
        return readChat(updated);
      },
    );
    app.delete(
      `${base}/:id`,
      {
        schema: {
          tags,
          summary: 'Delete a chat',
          params: idParams,
          response: { 204: noContent, ...problemResponses },
        },
      },
      async (request, reply) => {
        const chat = await own(request.params.id, request);
        const running = (await chats.listMessages(chat.id)).find(
          (message) => message.status === 'generating',
        );
        if (running) await runner.stop(running.id);
        await chats.remove(chat.id);
        return reply.code(204).send(null);
      },
    );
    app.get(
      `${base}/:id/messages`,
      {
        schema: {
          tags,
          summary: 'Messages of the shown branch, or of the whole tree',
          params: idParams,
          querystring: z.object({ tree: z.enum(['true', 'false']).optional() }),
          response: { 200: z.object({ messages: z.array(messageSchema) }), ...problemResponses },
        },
      },
      async (request) => {
        const chat = await own(request.params.id, request);
        const all = await chats.listMessages(chat.id);
        const shown = request.query.tree === 'true' ? all : branchOf(all, chat.headMessageId);
        return { messages: shown.map(presentMessage) };
      },
    );
  }

  app.get(
    '/api/v1/chat/chats/:id/export',
    {
      schema: {
        tags,
        summary: 'Export a chat as Markdown or JSON',
        params: idParams,
        querystring: z.object({ format: z.enum(['md', 'json']).default('md') }),
        response: {
          200: {
            description: 'The file',
            content: {
              'text/markdown': { schema: z.string() },
              'application/json': { schema: z.record(z.string(), z.unknown()) },
            },
          },
          ...problemResponses,
        },
      },
    },
    async (request, reply) => {
      const chat = await readChat(await own(request.params.id, request));
      const { format } = request.query;
      const file = exportChat(chat, format);
      return reply
        .header('content-type', file.mediaType)
        .header('content-disposition', `attachment; filename="chat-${chat.id}.${format}"`)
        .serializer((body: string) => body)
        .send(file.content);
    },
  );
  app.put(
    '/api/v1/chat/messages/:id/feedback',
    {
      schema: {
        tags,
        summary: 'Rate an answer; null takes the rating back',
        params: idParams,
        body: feedbackSchema,
        response: { 200: feedbackSchema, ...problemResponses },
      },
    },
    async (request) => {
      const userId = userIdOf(request.caller);
      const message = await chats.findMessage(request.params.id, userId);
      if (!message) throw notFound('message', request.params.id);
      if (message.role !== 'assistant') throw new AppError('conflict', 'Only an answer can be rated.');
      const { rating, reason = null, comment = null } = request.body;
      await chats.putFeedback(
        rating === null
          ? { messageId: message.id, userId, rating }
          : { messageId: message.id, userId, rating, reason, comment },
      );
      return { rating, reason, comment };
    },
  );

  async function list(query: z.infer<typeof listQuery>, request: FastifyRequest) {
    const { page, per_page: perPage, q, persona } = query;
    if (request.caller.userId === null) return { chats: [], total: 0, page, per_page: perPage };
    const found = await chats.list({
      userId: request.caller.userId,
      page,
      perPage,
      ...(q ? { query: q } : {}),
      ...(persona ? { personaId: persona } : {}),
    });
    return { chats: found.chats.map(presentChat), total: found.total, page, per_page: perPage };
  }

  async function create(
    request: FastifyRequest<{ Body: z.infer<typeof createChatSchema> }>,
    reply: FastifyReply,
  ) {
    const userId = userIdOf(request.caller);
    const { title, persona, first_message: firstMessage } = request.body;
    const chat = await chats.insert({
      userId,
      personaId: personaOf(persona).id,
      title: title ?? NEW_CHAT,
      isTitleSet: Boolean(title),
    });
    if (firstMessage) {
      const started = await askQuestion.ask({
        asker: { userId, role: request.caller.role },
        ask: { content: firstMessage, chat_id: chat.id },
      });
      await drain(runner.follow(started.turnId, 0, new AbortController().signal));
    }
    return reply.code(201).send(await readChat((await chats.find(chat.id, userId)) ?? chat));
  }

  async function own(id: number, request: FastifyRequest): Promise<ChatRecord> {
    const chat = request.caller.userId === null ? undefined : await chats.find(id, request.caller.userId);
    if (!chat) throw notFound('chat', id);
    return chat;
  }

  async function readChat(chat: ChatRecord) {
    const messages = branchOf(await chats.listMessages(chat.id), chat.headMessageId);
    return { ...presentChat(chat), messages: messages.map(presentMessage) };
  }
}

async function drain(events: AsyncGenerator<unknown, void, void>): Promise<void> {
  for await (const _event of events) {
    // The answer is read from the store afterwards.
  }
}
