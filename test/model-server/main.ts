import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { answerFromPrompt, type ChatMessage } from './answer-from-prompt.ts';
import { embedText } from './embed-text.ts';
import { answerWithFault, type FaultName, faultNamed } from './faults.ts';
import { type Pace, streamAnswer, tokensOf, type Usage } from './stream-answer.ts';

/** What `POST /control` takes; each part replaces what was set before. */
type Control = {
  /** The faults of the next requests, in order; when they are used up, none. */
  faults?: FaultName[];
  /** The answers of the next chat requests, in order; when they are used up, answers are made from the prompt. */
  replies?: string[];
  pace?: Partial<Pace>;
};

type Body = Record<string, unknown>;

const noPace: Pace = { firstTokenMs: 0, tokenMs: 0 };
const state = {
  faults: [] as FaultName[],
  replies: [] as string[],
  pace: noPace,
  requests: [] as { path: string; body: Body }[],
};
const seenSystemTexts = new Set<string>();

function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function readBody(request: IncomingMessage): Promise<Body> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as Body);
}

/** The header wins over the model's name, and that over the faults that were set in advance. */
function chooseFault(request: IncomingMessage, body: Body): FaultName {
  const header = request.headers['x-fault'];
  const [, suffix] = String(body['model']).split('+');
  return faultNamed(typeof header === 'string' ? header : (suffix ?? state.faults.shift()));
}

function usageOf(messages: readonly ChatMessage[], text: string): Usage {
  const system = messages.find((message) => message.role === 'system')?.content ?? '';
  const promptTokens = messages.reduce((sum, message) => sum + tokensOf(message.content).length, 0);
  const completionTokens = tokensOf(text).length;
  // As providers do: a prefix that was seen before is cheaper.
  const cachedTokens = seenSystemTexts.has(system) ? tokensOf(system).length : 0;
  seenSystemTexts.add(system);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  };
}

async function chat(request: IncomingMessage, response: ServerResponse, body: Body): Promise<void> {
  const fault = chooseFault(request, body);
  if (answerWithFault({ fault, body, request, response })) return;
  const messages = (body['messages'] ?? []) as ChatMessage[];
  const model = String(body['model']);
  const text = state.replies.shift() ?? answerFromPrompt(messages);
  const usage = usageOf(messages, text);
  if (body['stream'] === true) {
    const wantsUsage = (body['stream_options'] as Body | undefined)?.['include_usage'] === true;
    await streamAnswer({
      fault,
      text,
      model,
      usage: wantsUsage ? usage : undefined,
      pace: state.pace,
      request,
      response,
    });
    return;
  }
  sendJson(response, {
    id: 'chatcmpl-test',
    object: 'chat.completion',
    created: 1_700_000_000,
    model,
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage,
  });
}

function embeddings(request: IncomingMessage, response: ServerResponse, body: Body): void {
  const fault = chooseFault(request, body);
  if (answerWithFault({ fault, body, request, response })) return;
  const input = (Array.isArray(body['input']) ? body['input'] : [body['input']]) as string[];
  const dimension = fault === 'wrong-dimension' ? 8 : (body['dimensions'] as number | undefined);
  const encode = (vector: number[]) =>
    body['encoding_format'] === 'base64'
      ? Buffer.from(Float32Array.from(vector).buffer).toString('base64')
      : vector;
  const data = input.map((text, index) => ({
    object: 'embedding',
    index,
    embedding: encode(embedText(text, dimension)),
  }));
  if (fault === 'missing-vector') data.pop();
  if (fault === 'not-a-number' && data[0]) data[0].embedding = ['?'] as unknown as number[];
  // Backwards, because nothing promises the order of the texts.
  data.reverse();
  const tokens = input.reduce((sum, text) => sum + tokensOf(text).length, 0);
  sendJson(response, {
    object: 'list',
    model: body['model'],
    data,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  });
}

function control(response: ServerResponse, body: Control): void {
  if (body.faults) state.faults = body.faults;
  if (body.replies) state.replies = body.replies;
  if (body.pace) state.pace = { ...noPace, ...body.pace };
  state.requests = [];
  sendJson(response, {});
}

async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = `${request.method} ${request.url}`;
  if (path === 'GET /control') return sendJson(response, { requests: state.requests });
  if (path === 'GET /v1/models') {
    const data = ['gpt-4o-mini', 'text-embedding-3-small'].map((id) => ({
      id,
      object: 'model',
      owned_by: 'test',
    }));
    return sendJson(response, { object: 'list', data });
  }
  const body = await readBody(request);
  if (path === 'POST /control') return control(response, body);
  state.requests.push({ path, body });
  if (path === 'POST /v1/chat/completions') return await chat(request, response, body);
  if (path === 'POST /v1/embeddings') return embeddings(request, response, body);
  return sendJson(response, { error: { message: 'No such route.', code: 'unknown_url' } }, 404);
}

const server = createServer((request, response) => {
  route(request, response).catch((error: Error) => {
    if (response.headersSent) response.destroy();
    else sendJson(response, { error: { message: error.message } }, 400);
  });
});
server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () => {
  console.log(`listening on ${(server.address() as AddressInfo).port}`);
});
// With a parent, the parent holds the other end; when that closes, nobody needs the server any more.
if (process.argv.includes('--with-parent')) process.stdin.on('end', () => process.exit(0)).resume();
process.on('SIGTERM', () => process.exit(0));
