import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { createApiClient } from './api-client.ts';
import type { StreamFrame } from './chats.ts';
import { ApiError, secondsOfRetryAfter } from './client/api-error.ts';
import type { NumberedFrame } from './client/stream-frames.ts';

type Seen = { method: string; path: string; headers: IncomingMessage['headers']; body: string };
type Answer = (response: ServerResponse, seen: Seen) => void;

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server on loopback that gives the answers in order, the last one again and again. */
async function startServer(...answers: Answer[]): Promise<{ baseUrl: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const entry = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
      seen.push(entry);
      (answers[seen.length - 1] ?? answers.at(-1))?.(response, entry);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };

const start: StreamFrame = { type: 'start', chat_id: 3, message_id: 7, turn_id: 7, question_id: 6 };
const token = (content: string): StreamFrame => ({ type: 'token', content });
const done = { type: 'done', message: { id: 7, content: 'Sit. Breathe – 息.' } } as StreamFrame;
const line = (id: number, frame: StreamFrame) => `id: ${id}\ndata: ${JSON.stringify(frame)}\n\n`;

/** Sends the lines; `cut` breaks the connection after them, `hang` leaves it open and silent. */
const stream =
  (lines: string[], ending: 'end' | 'cut' | 'hang' = 'end'): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const bytes = Buffer.from(lines.join(''));
    if (ending === 'end') response.end(bytes);
    else response.write(bytes, () => (ending === 'cut' ? response.destroy() : undefined));
  };

const problem = {
  type: 'urn:wwhd:problem:rate_limited',
  title: 'Too many requests',
  status: 429,
  detail: 'Wait 7 seconds.',
  code: 'rate_limited',
  request_id: 'r-1',
  errors: [{ path: 'content', message: 'too fast' }],
};

async function collectNumbered(frames: AsyncIterable<NumberedFrame>): Promise<NumberedFrame[]> {
  const numbered: NumberedFrame[] = [];
  for await (const frame of frames) numbered.push(frame);
  return numbered;
}

async function collect(frames: AsyncIterable<NumberedFrame>): Promise<StreamFrame[]> {
  return (await collectNumbered(frames)).map(({ frame }) => frame);
}

/** Records the waits instead of taking the time. */
function recordedWait() {
  const waitsMs: number[] = [];
  return { waitsMs, wait: (delayMs: number) => Promise.resolve(void waitsMs.push(delayMs)) };
}

describe('createApiClient', () => {
  it('should send the token, JSON and the CSRF header, and read JSON', async () => {
    const { baseUrl, seen } = await startServer(json(200, { id: 7, content: 'Sit.' }));
    const client = createApiClient({ baseUrl: `${baseUrl}/`, token: () => 'secret', csrfToken: 'c-1' });
    const message = await client.ask({ content: 'How?' });
    expect(message.content).toBe('Sit.');
    expect(seen[0]).toMatchObject({ method: 'POST', path: '/api/v1/chat/chat', body: '{"content":"How?"}' });
    expect(seen[0]?.headers).toMatchObject({
      authorization: 'Bearer secret',
      'content-type': 'application/json',
      'x-csrf-token': 'c-1',
    });
    expect(seen[0]?.headers['idempotency-key']).toMatch(/^[0-9a-f]{32}$/);
  });

  it('should send no CSRF header with a read and leave out empty query fields', async () => {
    const { baseUrl, seen } = await startServer(json(200, [{ id: 1 }], { 'x-total-count': '41' }));
    const client = createApiClient({ baseUrl, csrfToken: 'c-1' });
    const list = await client.listDocuments({ namespace: 'money & more', limit: 1 });
    expect(list).toEqual({ documents: [{ id: 1 }], total: 41 });
    expect(seen[0]?.path).toBe('/api/v1/documents/?namespace=money+%26+more&limit=1');
    expect(seen[0]?.headers).not.toHaveProperty('x-csrf-token');
    expect(seen[0]?.headers).not.toHaveProperty('authorization');
  });

  it('should upload a file as multipart with its fields first', async () => {
    const { baseUrl, seen } = await startServer(json(200, { id: 1, status: 'processing' }));
    const file = { name: 'Sitting – first.pdf', bytes: new Blob(['%PDF-1.7']) };
    await createApiClient({ baseUrl }).uploadDocument(file, {
      namespace: 'meditation',
      tags: ['calm', 'breath'],
      author: null,
    });
    expect(seen[0]?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    const names = [...(seen[0]?.body.matchAll(/ name="([^"]+)"/g) ?? [])].map((match) => match[1]);
    expect(names).toEqual(['namespace', 'tags', 'file']);
    expect(seen[0]?.body).toContain('filename="Sitting – first.pdf"');
    expect(seen[0]?.body).toContain('calm,breath');
  });

  it('should turn a problem document into an ApiError with its fields', async () => {
    const { baseUrl } = await startServer(json(429, problem, { 'retry-after': '7' }));
    const error: unknown = await createApiClient({ baseUrl })
      .getChat(1)
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      code: 'rate_limited',
      status: 429,
      detail: 'Wait 7 seconds.',
      message: 'Wait 7 seconds.',
      errors: [{ path: 'content', message: 'too fast' }],
      retryAfterSeconds: 7,
      requestId: 'r-1',
    });
  });

  it("should say what came when the answer is a proxy's page", async () => {
    const page: Answer = (response) => response.writeHead(502).end('<h1>Bad Gateway</h1>');
    const { baseUrl } = await startServer(page, (response) => response.writeHead(200).end('<h1>Hello</h1>'));
    const client = createApiClient({ baseUrl });
    await expect(client.getChat(1)).rejects.toMatchObject({ code: 'unexpected_answer', status: 502 });
    await expect(client.getChat(1)).rejects.toMatchObject({ code: 'unexpected_answer', status: 200 });
  });

  it('should name the address when there is no server', async () => {
    const { baseUrl } = await startServer(json(200, {}));
    servers.splice(0)[0]?.close();
    const error = await createApiClient({ baseUrl })
      .listPersonas()
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'unreachable', status: 0 });
    expect((error as ApiError).message).toContain(baseUrl);
    expect((error as ApiError).message).toContain('ECONNREFUSED');
  });

  it('should give up on a server that does not answer', async () => {
    const { baseUrl } = await startServer(() => undefined);
    await expect(createApiClient({ baseUrl }).health({ timeoutMs: 20 })).rejects.toMatchObject({
      code: 'timeout',
    });
  });

  it("should reject with the caller's own reason when it is aborted", async () => {
    const { baseUrl } = await startServer(() => undefined);
    const controller = new AbortController();
    const pending = createApiClient({ baseUrl }).getChat(1, { signal: controller.signal });
    controller.abort(new Error('changed my mind'));
    await expect(pending).rejects.toThrow('changed my mind');
  });
});

describe('streamAsk', () => {
  const answer = [line(1, start), line(2, token('Sit. ')), line(3, token('Breathe – 息.')), line(4, done)];
  const frames = [start, token('Sit. '), token('Breathe – 息.'), done];

  it('should yield the frames with their ids and end after `done`', async () => {
    const { baseUrl, seen } = await startServer(stream(answer, 'hang'));
    const numbered = await collectNumbered(createApiClient({ baseUrl }).streamAsk({ content: 'How?' }));
    expect(numbered.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
    expect(numbered.map(({ frame }) => frame)).toEqual(frames);
    expect(seen).toHaveLength(1);
    expect(seen[0]?.headers.accept).toBe('text/event-stream');
  });

  it('should resume after the last id when the connection is cut, without losing or repeating a frame', async () => {
    const { baseUrl, seen } = await startServer(
      stream([...answer.slice(0, 2), line(3, token('Bre')).slice(0, 20)], 'cut'),
      json(503, { ...problem, status: 503, code: 'unavailable' }, { 'retry-after': '2' }),
      stream(answer.slice(2)),
    );
    const { wait, waitsMs } = recordedWait();
    const client = createApiClient({ baseUrl });
    expect(await collect(client.streamAsk({ content: 'How?' }, { wait }))).toEqual(frames);
    expect(seen.map(({ path }) => path)).toEqual([
      '/api/v1/chat/stream',
      '/api/v1/chat/turns/7/events',
      '/api/v1/chat/turns/7/events',
    ]);
    expect(seen[2]?.headers['last-event-id']).toBe('2');
    expect(waitsMs).toEqual([250, 2000]);
  });

  it('should ask again with the same idempotency key when the cut comes before the first frame', async () => {
    const { baseUrl, seen } = await startServer(stream([': hello\n\n'], 'cut'), stream(answer));
    const { wait } = recordedWait();
    const client = createApiClient({ baseUrl });
    expect(await collect(client.streamAsk({ content: 'How?' }, { wait }))).toEqual(frames);
    expect(seen.map(({ path }) => path)).toEqual(['/api/v1/chat/stream', '/api/v1/chat/stream']);
    expect(seen[1]?.headers['idempotency-key']).toBe(seen[0]?.headers['idempotency-key']);
  });

  it('should treat a silent connection as lost', async () => {
    const { baseUrl } = await startServer(stream(answer.slice(0, 3), 'hang'), stream(answer.slice(3)));
    const { wait } = recordedWait();
    const client = createApiClient({ baseUrl });
    expect(await collect(client.streamAsk({ content: 'How?' }, { wait, silenceTimeoutMs: 30 }))).toEqual(
      frames,
    );
  });

  it('should say that the connection is lost when it cannot be resumed', async () => {
    const { baseUrl, seen } = await startServer(stream(answer.slice(0, 1), 'cut'), stream([], 'cut'));
    const { wait, waitsMs } = recordedWait();
    const pending = collect(
      createApiClient({ baseUrl }).streamAsk({ content: 'How?' }, { wait, maximumReconnects: 3 }),
    );
    await expect(pending).rejects.toMatchObject({ code: 'connection_lost' });
    expect(seen).toHaveLength(4);
    expect(waitsMs).toEqual([250, 500, 1000]);
  });

  it('should not try again when the question itself is refused', async () => {
    const { baseUrl, seen } = await startServer(
      json(422, { ...problem, status: 422, code: 'invalid_field' }),
    );
    const pending = collect(createApiClient({ baseUrl }).streamAsk({ content: 'How?' }));
    await expect(pending).rejects.toMatchObject({ code: 'invalid_field' });
    expect(seen).toHaveLength(1);
  });

  it('should stream another answer, and go on at its turn when the connection is cut', async () => {
    const { baseUrl, seen } = await startServer(stream(answer.slice(0, 2), 'cut'), stream(answer.slice(2)));
    const { wait } = recordedWait();
    expect(await collect(createApiClient({ baseUrl }).streamRegenerate(6, { wait }))).toEqual(frames);
    expect(seen.map(({ method, path }) => [method, path])).toEqual([
      ['POST', '/api/v1/chat/messages/6/regenerate'],
      ['GET', '/api/v1/chat/turns/7/events'],
    ]);
  });

  it('should not send a changed question twice, since it has no key to know it again by', async () => {
    const { baseUrl, seen } = await startServer(stream([], 'cut'), stream(answer));
    const { wait } = recordedWait();
    const question = { messageId: 5, content: 'Why?' };
    const pending = collect(createApiClient({ baseUrl }).streamEdit(question, { wait }));
    await expect(pending).rejects.toMatchObject({ code: 'connection_lost' });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: 'POST', path: '/api/v1/chat/messages/5/edit' });
  });

  it('should hand on an error frame as the last one', async () => {
    const failed: StreamFrame = { type: 'error', message: 'The model is away.', code: 'model_unavailable' };
    const { baseUrl } = await startServer(stream([line(1, start), line(2, failed)]));
    expect(await collect(createApiClient({ baseUrl }).streamAsk({ content: 'How?' }))).toEqual([
      start,
      failed,
    ]);
  });

  it('should close the connection when the reader leaves', async () => {
    let isClosed: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => {
      isClosed = resolve;
    });
    const { baseUrl } = await startServer((response, seen) => {
      response.on('close', () => isClosed());
      stream(answer.slice(0, 2), 'hang')(response, seen);
    });
    for await (const { frame } of createApiClient({ baseUrl }).streamAsk({ content: 'How?' })) {
      if (frame.type === 'token') break;
    }
    await closed;
  });

  it('should end with the reason of the signal when it is aborted', async () => {
    const { baseUrl } = await startServer(stream(answer.slice(0, 2), 'hang'));
    const controller = new AbortController();
    const read = async () => {
      const client = createApiClient({ baseUrl });
      for await (const { frame } of client.streamAsk({ content: 'How?' }, { signal: controller.signal })) {
        if (frame.type === 'token') controller.abort(new Error('enough'));
      }
    };
    await expect(read()).rejects.toThrow('enough');
  });

  it('should follow a running turn from its beginning', async () => {
    const { baseUrl, seen } = await startServer(stream(answer));
    expect(await collect(createApiClient({ baseUrl }).followTurn(7))).toEqual(frames);
    expect(seen[0]).toMatchObject({ method: 'GET', path: '/api/v1/chat/turns/7/events' });
    expect(seen[0]?.headers).not.toHaveProperty('last-event-id');
  });
});

describe('secondsOfRetryAfter', () => {
  it('should read seconds and dates', () => {
    const now = () => Date.parse('2026-03-01T00:00:00Z');
    expect(secondsOfRetryAfter('12', now)).toBe(12);
    expect(secondsOfRetryAfter('Sun, 01 Mar 2026 00:01:30 GMT', now)).toBe(90);
    expect(secondsOfRetryAfter('Sun, 01 Mar 2020 00:01:30 GMT', now)).toBe(0);
    expect(secondsOfRetryAfter('soon', now)).toBeUndefined();
    expect(secondsOfRetryAfter(null, now)).toBeUndefined();
  });
});
