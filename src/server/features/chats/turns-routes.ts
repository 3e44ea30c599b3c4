import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { askSchema, editSchema } from '../../../shared/chats.ts';
import { type Message, messageSchema } from '../../../shared/messages.ts';
import { isTerminal } from '../../../shared/turn-events.ts';
import { AppError, notFound } from '../../errors.ts';
import { problemResponses, textResponse } from '../../http/add-openapi.ts';
import { hasRole, userIdOf } from '../../http/authenticate.ts';
import type { App } from '../../http/http-app.ts';
import { sendEvents } from '../../http/send-events.ts';
import { toServerSentEvents } from '../../presenters/stream-frames.ts';
import type { Asker, AskQuestion } from './ask-question.ts';
import type { TurnRunner } from './turn-runner.ts';
import type { StartedTurn } from './start-turn.ts';
import type { TurnStore } from './turn-store.ts';

const idParams = z.object({ id: z.coerce.number().int().min(1) });
const tags = ['chat'];
const eventStream = textResponse('text/event-stream', 'Server-sent events; see docs/api.md.');
const messageOrStream = {
  description: 'The answer, or its stream when the request asks for one',
  content: { 'application/json': { schema: messageSchema }, ...eventStream.content },
};

/** Asking, following, stopping and explaining turns. */
export function registerTurns(
  app: App,
  dependencies: { askQuestion: AskQuestion; runner: TurnRunner; turns: TurnStore },
): void {
  const { askQuestion, runner, turns } = dependencies;

  const answerRoute = (summary: string) => ({
    schema: { tags, summary, body: askSchema, response: { 200: messageOrStream, ...problemResponses } },
  });
  const ask = async (request: FastifyRequest<{ Body: z.infer<typeof askSchema> }>, reply: FastifyReply) => {
    const started = await askQuestion.ask({
      asker: askerOf(request),
      ask: request.body,
      ...idempotencyOf(request, 'chat'),
    });
    return request.body.stream ? stream(started, reply, 0) : reply.send(await waitForMessage(started));
  };
  app.post('/api/v1/chat/chat', answerRoute('Ask and wait for the answer'), ask);
  app.post('/api/v1/chat', answerRoute('Ask and wait for the answer (alias)'), ask);
  app.post(
    '/api/v1/chat/stream',
    {
      schema: {
        tags,
        summary: 'Ask and follow the answer',
        body: askSchema,
        response: { 200: eventStream, ...problemResponses },
      },
    },
    async (request, reply) => {
      const started = await askQuestion.ask({
        asker: askerOf(request),
        ask: request.body,
        ...idempotencyOf(request, 'chat'),
      });
      return stream(started, reply, 0);
    },
  );

  app.get(
    '/api/v1/chat/turns/:id/events',
    {
      schema: {
        tags,
        summary: 'Follow a turn from any event on',
        params: idParams,
        querystring: z.object({ after: z.coerce.number().int().min(0).optional() }),
        response: { 200: eventStream, ...problemResponses },
      },
    },
    async (request, reply) => {
      const turn = await ownTurn(request.params.id, request);
      const header = request.headers['last-event-id'];
      const after =
        request.query.after ?? (typeof header === 'string' && /^\d{1,9}$/.test(header) ? Number(header) : 0);
      return stream({ turnId: turn.id }, reply, after);
    },
  );
  app.post(
    '/api/v1/chat/turns/:id/stop',
    {
      schema: {
        tags,
        summary: 'Stop an answer; its text so far stays',
        params: idParams,
        response: { 202: z.object({ turn_id: z.int(), stopping: z.boolean() }), ...problemResponses },
      },
    },
    async (request, reply) => {
      const turn = await ownTurn(request.params.id, request);
      const stopping = await runner.stop(turn.id);
      return reply.code(202).send({ turn_id: turn.id, stopping });
    },
  );
  app.get(
    '/api/v1/chat/turns/:id/receipt',
    {
      schema: {
        tags,
        summary: 'Why an answer came out as it did',
        params: idParams,
        response: { 200: z.record(z.string(), z.unknown()), ...problemResponses },
      },
    },
    async (request) => {
      const isCurator = hasRole(request.caller, 'curator');
      const turn = isCurator
        ? await turns.find(request.params.id)
        : await ownTurn(request.params.id, request);
      const receipt = turn ? await turns.findReceipt(turn.id) : undefined;
      if (!turn || !receipt) throw notFound('receipt', request.params.id);
      // The prompt holds the curators' work and is theirs to read.
      return isCurator ? receipt : { ...receipt, prompt: null };
    },
  );

  const branchRoute = <Body extends z.ZodType>(summary: string, body: Body) => ({
    schema: {
      tags,
      summary,
      params: idParams,
      body,
      response: { 200: messageOrStream, ...problemResponses },
    },
  });
  app.post(
    '/api/v1/chat/messages/:id/regenerate',
    branchRoute('Answer again, as a sibling', z.unknown().optional()),
    async (request, reply) =>
      answer(await askQuestion.regenerate(request.params.id, askerOf(request)), request, reply),
  );
  app.post(
    '/api/v1/chat/messages/:id/edit',
    branchRoute('Ask an edited question, as a sibling', editSchema),
    async (request, reply) =>
      answer(
        await askQuestion.edit(request.params.id, request.body.content, askerOf(request)),
        request,
        reply,
      ),
  );

  async function answer(started: StartedTurn, request: FastifyRequest, reply: FastifyReply) {
    const wantsStream = request.headers.accept?.includes('text/event-stream') ?? false;
    return wantsStream ? stream(started, reply, 0) : reply.send(await waitForMessage(started));
  }

  function stream(started: { turnId: number }, reply: FastifyReply, after: number) {
    return sendEvents(reply, {
      events: async function* frames(signal) {
        for await (const event of runner.follow(started.turnId, after, signal))
          yield toServerSentEvents(event);
      },
    });
  }

  /** @throws AppError with the code of the problem when the turn ends without a whole answer */
  async function waitForMessage(started: StartedTurn): Promise<Message> {
    const never = new AbortController().signal;
    for await (const event of runner.follow(started.turnId, 0, never)) {
      if (!isTerminal(event)) continue;
      if (event.type === 'turn-end') return event.message;
      if (event.type === 'turn-error')
        throw new AppError(event.problem.code, event.problem.detail, { retryAfterSeconds: 2 });
    }
    if (!(await turns.find(started.turnId))) throw notFound('turn', started.turnId);
    throw new AppError(
      'turn_interrupted',
      `The answer goes on elsewhere; follow it at /api/v1/chat/turns/${started.turnId}/events.`,
      { retryAfterSeconds: 2 },
    );
  }

  async function ownTurn(id: number, request: FastifyRequest) {
    const turn = await turns.find(id);
    if (!turn || turn.userId !== request.caller.userId) throw notFound('turn', id);
    return turn;
  }
}

function askerOf(request: FastifyRequest): Asker {
  return { userId: userIdOf(request.caller), role: request.caller.role };
}

/** The key of a repeat; JSON and stream share a scope, so that a repeat attaches whatever form it asks for. */
function idempotencyOf(
  request: FastifyRequest,
  route: string,
): { idempotency?: { route: string; key: string } } {
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string' || key === '') return {};
  if (key.length > 200)
    throw new AppError('malformed_request', 'Idempotency-Key: use at most 200 characters.');
  return { idempotency: { route, key } };
}
