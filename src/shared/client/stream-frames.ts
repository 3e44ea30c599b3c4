import { createParser } from 'eventsource-parser';

import type { StreamFrame } from '../chats.ts';
import { ApiError } from './api-error.ts';

/** One frame of an answer; `id` is the sequence to resume after, absent where the server sends none. */
export type NumberedFrame = { id?: number; frame: StreamFrame };

export type StreamFramesOptions = {
  /**
   * Opens the stream, or opens it again after a cut: `lastId` is the last sequence that arrived and `turnId` the
   * turn, both undefined before the first frame.
   */
  open: (position: { turnId?: number; lastId?: number }, signal: AbortSignal) => Promise<Response>;
  signal?: AbortSignal | undefined;
  /** Known when a running turn is followed, so that a cut before the first frame can be resumed. */
  turnId?: number | undefined;
  lastId?: number | undefined;
  /** Milliseconds without a byte (the server's heartbeat is every 15 s) after which the connection counts as lost. */
  silenceTimeoutMs?: number | undefined;
  /** How often in a row a lost connection is opened again without a new frame; 6 unless given. */
  maximumReconnects?: number | undefined;
  /** Waits between attempts; replaced in tests. */
  wait?: ((delayMs: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
};

const DEFAULT_SILENCE_TIMEOUT_MS = 45_000;
const DEFAULT_RECONNECTS = 6;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 8_000;

/**
 * The frames of a server-sent event stream (WHATWG HTML, section 9.2), each exactly once and in order, over as many
 * connections as it takes: a cut or silent connection is opened again after the last sequence seen. Ends after the
 * frame `done` or `error`.
 * @throws ApiError when the stream cannot be opened, `connection_lost` when it cannot be resumed; the signal's reason
 * when it is aborted (the turn itself goes on)
 */
export async function* streamFrames(options: StreamFramesOptions): AsyncGenerator<NumberedFrame> {
  const { signal, maximumReconnects = DEFAULT_RECONNECTS, wait = waitFor } = options;
  const position = { turnId: options.turnId, lastId: options.lastId };
  let failures = 0;
  for (;;) {
    let askedDelayMs: number | undefined;
    try {
      for await (const numbered of readConnection(options, position)) {
        failures = 0;
        if (numbered.frame.type === 'start') position.turnId = numbered.frame.turn_id;
        if (numbered.id !== undefined) position.lastId = numbered.id;
        yield numbered;
        if (isLast(numbered.frame)) return;
      }
    } catch (error) {
      signal?.throwIfAborted();
      // The first request fails like any other; only a connection that once stood is worth waiting for.
      const hasBegun = position.turnId !== undefined || error instanceof LostConnection;
      if (!hasBegun || !isPassing(error)) throw error;
      if (error instanceof ApiError && error.retryAfterSeconds !== undefined)
        askedDelayMs = error.retryAfterSeconds * 1000;
    }
    failures += 1;
    if (failures > maximumReconnects) throw connectionLost(position.turnId);
    await wait(askedDelayMs ?? Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1)), signal);
  }
}

class LostConnection extends Error {}

type Position = { turnId: number | undefined; lastId: number | undefined };

/** One connection: complete groups of frames; ends at the end of the body, throws LostConnection when it breaks. */
async function* readConnection(
  options: StreamFramesOptions,
  position: Position,
): AsyncGenerator<NumberedFrame> {
  const connection = new AbortController();
  const signal =
    options.signal === undefined ? connection.signal : AbortSignal.any([options.signal, connection.signal]);
  const { turnId, lastId } = position;
  const response = await options.open(
    { ...(turnId === undefined ? {} : { turnId }), ...(lastId === undefined ? {} : { lastId }) },
    signal,
  );
  const silenceTimeoutMs = options.silenceTimeoutMs ?? DEFAULT_SILENCE_TIMEOUT_MS;
  const collector = createFrameCollector(lastId);
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const chunk = await readWithin(reader, silenceTimeoutMs);
      options.signal?.throwIfAborted();
      if (chunk === undefined) return;
      yield* collector.feed(chunk);
    }
  } finally {
    connection.abort();
    await reader.cancel().catch(() => undefined);
  }
}

async function readWithin(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  silenceTimeoutMs: number,
): Promise<Uint8Array | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new LostConnection('silent')), silenceTimeoutMs);
  });
  try {
    const { value } = await Promise.race([reader.read(), silence]);
    return value;
  } catch (cause) {
    throw cause instanceof LostConnection ? cause : new LostConnection('cut', { cause });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Bytes to frames, whatever way they are cut. Where one event makes several frames only the last carries the id, so
 * they are held until it is there: a cut inside the group would otherwise bring its first frames twice.
 */
export function createFrameCollector(lastId?: number): { feed: (bytes: Uint8Array) => NumberedFrame[] } {
  const decoder = new TextDecoder();
  let seenId = lastId;
  let isNumbered = lastId !== undefined;
  let held: NumberedFrame[] = [];
  let ready: NumberedFrame[] = [];
  const parser = createParser({
    onEvent: (event) => {
      const frame = parseFrame(event.data);
      if (frame === undefined) return;
      const id = event.id === undefined || !/^\d+$/.test(event.id) ? undefined : Number(event.id);
      isNumbered ||= id !== undefined;
      held.push(id === undefined ? { frame } : { id, frame });
      if (isNumbered && id === undefined && !isLast(frame)) return;
      if (id === undefined || seenId === undefined || id > seenId) ready.push(...held);
      if (id !== undefined) seenId = Math.max(id, seenId ?? id);
      held = [];
    },
  });
  return {
    feed: (bytes) => {
      parser.feed(decoder.decode(bytes, { stream: true }));
      const frames = ready;
      ready = [];
      return frames;
    },
  };
}

function parseFrame(data: string): StreamFrame | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null && 'type' in value
      ? (value as StreamFrame)
      : undefined;
  } catch {
    // A line such as `[DONE]` of other streams carries nothing for us.
    return undefined;
  }
}

function isLast(frame: StreamFrame): boolean {
  return frame.type === 'done' || frame.type === 'error';
}

/** Whether trying again can help: the line broke, or the server is restarting, busy or limits the rate. */
function isPassing(error: unknown): boolean {
  if (error instanceof LostConnection) return true;
  if (!(error instanceof ApiError)) return false;
  return ['unreachable', 'timeout'].includes(error.code) || [429, 502, 503, 504].includes(error.status);
}

function connectionLost(turnId: number | undefined): ApiError {
  const detail =
    turnId === undefined
      ? 'The connection was lost before the answer began. Ask again.'
      : 'The connection was lost while the answer was being written, and could not be restored. The answer goes on at the server; open the chat again to read it.';
  return new ApiError({ code: 'connection_lost', status: 0, detail });
}

function waitFor(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
