import { type AddressInfo, connect, type Socket } from 'node:net';

import { fastify } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';

import { sendEvents } from './send-events.ts';

type Events = Parameters<typeof sendEvents>[1];

async function openServer(options: Events) {
  const app = fastify();
  app.get('/events', (_request, reply) => sendEvents(reply, options));
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const connectReader = (): Socket => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.write('GET /events HTTP/1.1\r\nhost: x\r\n\r\n');
    // A server that cuts the connection is what some of these tests are about.
    socket.on('error', () => undefined);
    return socket;
  };
  onTestFinished(() => app.close());
  return { app, connectReader };
}

/** A source that tells when it has ended, and how much was taken from it. */
function createSource(options: { chunk: string; isEndless: boolean }) {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const taken = { chunks: 0 };
  async function* events(signal: AbortSignal): AsyncGenerator<string, void, void> {
    try {
      yield options.chunk;
      taken.chunks += 1;
      while (options.isEndless) {
        yield options.chunk;
        taken.chunks += 1;
      }
      await new Promise((leave) => signal.addEventListener('abort', leave, { once: true }));
    } finally {
      resolve();
    }
  }
  return { events, ended, taken };
}

describe('sendEvents', () => {
  it('should send each chunk with the headers that keep proxies from holding it back', async () => {
    const app = fastify();
    onTestFinished(() => app.close());
    app.get('/events', (_request, reply) =>
      sendEvents(reply, {
        events: async function* events() {
          yield 'data: 1\n\n';
          yield '';
          yield 'data: 2\n\n';
        },
      }),
    );
    const response = await app.inject('/events');
    expect(response.body).toBe('data: 1\n\ndata: 2\n\n');
    expect(response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
  });

  it('should keep a silent connection alive with comments', async () => {
    const source = createSource({ chunk: 'data: 1\n\n', isEndless: false });
    const { connectReader } = await openServer({ events: source.events, heartbeatMs: 5 });
    const socket = connectReader();
    let received = '';
    await new Promise<void>((resolve) =>
      socket.on('data', (data: Buffer) => {
        received += data.toString();
        if (received.includes(': keep-alive\n\n')) resolve();
      }),
    );
    expect(received).toContain('data: 1\n\n');
    socket.destroy();
    await source.ended;
  });

  it('should end a waiting source when the reader leaves', async () => {
    const source = createSource({ chunk: 'data: 1\n\n', isEndless: false });
    const { connectReader } = await openServer({ events: source.events });
    const socket = connectReader();
    socket.once('data', () => socket.destroy());
    await source.ended;
    expect(source.taken.chunks).toBe(1);
  });

  it('should cut a reader that does not read, end its source and hold little for it', async () => {
    const chunk = `data: ${'x'.repeat(10_000)}\n\n`;
    const source = createSource({ chunk, isEndless: true });
    const { connectReader } = await openServer({ events: source.events, slowReaderMs: 30 });
    const socket = connectReader();
    socket.pause();
    await source.ended;
    // What the two socket buffers of the kernel take counts too.
    expect(source.taken.chunks * chunk.length).toBeLessThan(20_000_000);
    socket.destroy();
  });

  it('should end a source that waits for a slow reader when that reader leaves', async () => {
    const source = createSource({ chunk: `data: ${'x'.repeat(100_000)}\n\n`, isEndless: true });
    const { connectReader } = await openServer({ events: source.events });
    const socket = connectReader();
    socket.once('data', () => {
      socket.pause();
      // By the next turns of the loop the buffers are full and nobody asks for more.
      setImmediate(() => setImmediate(() => socket.destroy()));
    });
    await source.ended;
    expect(source.taken.chunks).toBeGreaterThan(0);
  });

  it('should cut the connection when the source fails', async () => {
    const { connectReader } = await openServer({
      events: async function* events() {
        yield 'data: 1\n\n';
        throw new Error('broken source');
      },
    });
    const socket = connectReader();
    let received = '';
    socket.on('data', (data: Buffer) => (received += data.toString()));
    await new Promise((resolve) => socket.once('close', resolve));
    // Without the last chunk of length 0 a client knows that something is missing.
    expect(received.endsWith('0\r\n\r\n')).toBe(false);
  });
});
