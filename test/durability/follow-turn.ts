import { createParser } from 'eventsource-parser';

export type Frame = { id?: number; data: { type: string } & Record<string, unknown> };

/** What a reader has seen of a turn over all its connections. */
export type Reading = { turnId: number | undefined; lastId: number | undefined; frames: Frame[] };

export function startReading(): Reading {
  return { turnId: undefined, lastId: undefined, frames: [] };
}

/** The text that a reader has put together. */
export function textOfReading(reading: Reading): string {
  return reading.frames.map(({ data }) => (data.type === 'token' ? String(data['content']) : '')).join('');
}

/** The frames that end a turn; there must be exactly one. */
export function endsOf(reading: Reading): Frame[] {
  return reading.frames.filter(({ data }) => data.type === 'done' || data.type === 'error');
}

/** The message that a reader's one end carries. @throws Error when there is none */
export function messageOfReading(reading: Reading): {
  content: string;
  status: string;
  cost_usd: number;
  sources: unknown[];
} {
  const data = endsOf(reading)[0]?.data;
  if (!data) throw new Error('The reader has seen no end.');
  return (data.type === 'done' ? data['message'] : data['answer']) as ReturnType<typeof messageOfReading>;
}

/**
 * Reads one connection of a turn: a new question, or the rest of a turn that is known. Frames count when the event that
 * they belong to is whole, which its id tells.
 * @param options.maximumEvents the connection is cut by the reader after so many whole events
 * @returns whether the turn has ended; a connection that breaks is no error
 * @throws Error when the server answers anything but a stream
 */
export async function readConnection(
  reading: Reading,
  options: {
    address: string;
    token: string;
    question?: Record<string, unknown>;
    idempotencyKey?: string;
    maximumEvents?: number;
    onEvent?: () => void;
  },
): Promise<boolean> {
  const { maximumEvents = Number.POSITIVE_INFINITY } = options;
  const cut = new AbortController();
  const response = await open(reading, options, cut.signal);
  if (!response) return false;
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  let held: Frame[] = [];
  let events = 0;
  const parser = createParser({
    onEvent: ({ id, data }) => {
      if (cut.signal.aborted) return;
      const frame = {
        data: JSON.parse(data) as Frame['data'],
        ...(id === undefined ? {} : { id: Number(id) }),
      };
      held.push(frame);
      if (frame.id === undefined) return;
      reading.frames.push(...held);
      reading.lastId = frame.id;
      if (frame.data.type === 'start') reading.turnId = Number(frame.data['turn_id']);
      held = [];
      events += 1;
      options.onEvent?.();
      if (events >= maximumEvents) cut.abort();
    },
  });
  const decoder = new TextDecoder();
  try {
    for await (const part of response.body ?? []) parser.feed(decoder.decode(part, { stream: true }));
  } catch {
    // Cut by us or by the server's end; the caller comes back.
  }
  return endsOf(reading).length > 0;
}

async function open(
  reading: Reading,
  options: { address: string; token: string; question?: Record<string, unknown>; idempotencyKey?: string },
  signal: AbortSignal,
): Promise<Response | undefined> {
  const { address, token, question, idempotencyKey } = options;
  const headers: Record<string, string> = { authorization: `Bearer ${token}` };
  try {
    if (reading.turnId === undefined) {
      headers['content-type'] = 'application/json';
      if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
      const body = JSON.stringify(question);
      return await fetch(`${address}/api/v1/chat/stream`, { method: 'POST', headers, body, signal });
    }
    if (reading.lastId !== undefined) headers['last-event-id'] = String(reading.lastId);
    return await fetch(`${address}/api/v1/chat/turns/${reading.turnId}/events`, { headers, signal });
  } catch {
    // Nobody listens, or the connection broke before an answer.
    return undefined;
  }
}
