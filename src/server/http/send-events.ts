import { Readable } from 'node:stream';

import type { FastifyReply } from 'fastify';

const HEARTBEAT_MS = 15_000;
/** How long a reader may leave the buffer full before it is cut; it can resume where it was. */
const SLOW_READER_MS = 30_000;
const BUFFER_BYTES = 64 * 1024;

export const eventStreamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;

/**
 * Answers with server-sent events: each chunk is one write, a comment every 15 s keeps proxies awake, and a reader that
 * does not read is cut instead of filling memory. The source is ended when the reader leaves.
 * @param options.events makes the chunks; its signal is aborted when the reader has gone
 */
export function sendEvents(
  reply: FastifyReply,
  options: {
    events: (signal: AbortSignal) => AsyncGenerator<string, void, void>;
    heartbeatMs?: number;
    slowReaderMs?: number;
  },
): FastifyReply {
  const { heartbeatMs = HEARTBEAT_MS, slowReaderMs = SLOW_READER_MS } = options;
  const abort = new AbortController();
  const source = options.events(abort.signal);
  let isReading = false;
  let blockedSince: NodeJS.Timeout | undefined;
  const stream = new Readable({
    highWaterMark: BUFFER_BYTES,
    read() {
      clearTimeout(blockedSince);
      if (!isReading) void pump();
    },
    destroy(error, done) {
      clearInterval(heartbeat);
      if (!stream.readableEnded) clearTimeout(blockedSince);
      abort.abort();
      // A source that waits for the reader hears no signal; its own clean-up runs only this way.
      void endSource();
      done(error);
    },
  });
  const heartbeat = setInterval(() => {
    if (isReading) stream.push(': keep-alive\n\n');
  }, heartbeatMs).unref();

  async function endSource(): Promise<void> {
    try {
      await source.return();
    } catch {
      // Nobody is left to hear of it.
    }
  }

  async function pump(): Promise<void> {
    isReading = true;
    try {
      for (;;) {
        const step = await source.next();
        if (stream.destroyed) return;
        if (step.done) {
          stream.push(null);
          // The end waits in the buffers of a reader that does not read; it is cut like any other.
          blockedSince = setTimeout(() => reply.raw.destroy(), slowReaderMs).unref();
          return;
        }
        if (step.value !== '' && !stream.push(step.value)) {
          blockedSince = setTimeout(() => stream.destroy(), slowReaderMs).unref();
          return;
        }
      }
    } catch (error) {
      stream.destroy(error as Error);
    } finally {
      isReading = false;
    }
  }

  reply.raw.once('close', () => clearTimeout(blockedSince));
  return reply.headers(eventStreamHeaders).send(stream);
}
