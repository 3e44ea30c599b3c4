import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import type { FaultName } from './faults.ts';

export type Usage = {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details: { cached_tokens: number };
};

export type Pace = { firstTokenMs: number; tokenMs: number };

const FIRST_TOKENS = 3;
const SLOW_FIRST_TOKEN_MS = 600;
const DRIP_MS = 400;

/** Words with the space before them, which is about what tokens look like. */
export function tokensOf(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

/** Streams a chat completion as OpenAI does, or goes wrong on the way. Returns when the response is over. */
export async function streamAnswer(options: {
  fault: FaultName;
  text: string;
  model: string;
  /** Undefined when the request did not ask for usage. */
  usage: Usage | undefined;
  pace: Pace;
  request: IncomingMessage;
  response: ServerResponse;
}): Promise<void> {
  const { fault, text, model, usage, pace, request, response } = options;
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const frame = (choices: unknown[], extra: Record<string, unknown> = {}) =>
    `data: ${JSON.stringify({ id: 'chatcmpl-test', object: 'chat.completion.chunk', created: 1_700_000_000, model, choices, ...extra })}\n\n`;
  const delta = (content: string) => frame([{ index: 0, delta: { content }, finish_reason: null }]);
  const send = async (data: string | Uint8Array) => {
    if (!gone.signal.aborted && !response.write(data)) await once(response, 'drain', { signal: gone.signal });
  };

  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  const wait = async (delayMs: number) => {
    if (delayMs > 0) await delay(delayMs, undefined, { signal: gone.signal });
  };
  try {
    await wait(fault === 'slow-first-token' ? SLOW_FIRST_TOKEN_MS : pace.firstTokenMs);
    await send(frame([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]));
    for (const [position, token] of tokens(fault, text).entries()) {
      if (
        position === FIRST_TOKENS &&
        (await breakOff({ fault, request, response, send, next: delta(token) }))
      )
        return;
      if (fault === 'split-characters') await sendByteByByte(delta(token), send);
      else await send(delta(token));
      await wait(fault === 'slow-drip' ? DRIP_MS : pace.tokenMs);
    }
    await send(frame([{ index: 0, delta: {}, finish_reason: 'stop' }]));
    if (usage && fault !== 'no-usage') await send(frame([], { usage }));
    if (fault !== 'no-done') await send('data: [DONE]\n\n');
    response.end();
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  }
}

function tokens(
  fault: FaultName,
  text: string,
): Iterable<string> & { entries(): Iterable<[number, string]> } {
  if (fault === 'empty') return [];
  if (fault === 'split-surrogates')
    return Array.from({ length: text.length }, (_, index) => text.charAt(index));
  if (fault !== 'endless') return tokensOf(text);
  return {
    entries: endlessEntries,
    [Symbol.iterator]: function* repeat() {
      for (;;) yield ' again';
    },
  };
}

function* endlessEntries(): Generator<[number, string]> {
  for (let position = 0; ; position += 1) yield [position, ' again'];
}

/** What goes wrong after the first tokens; true when the answer is over. */
async function breakOff(options: {
  fault: FaultName;
  request: IncomingMessage;
  response: ServerResponse;
  send: (data: string) => Promise<void>;
  next: string;
}): Promise<boolean> {
  const { fault, request, response, send, next } = options;
  if (fault === 'silent-after-text') await once(response, 'close');
  else if (fault === 'cut-off') response.end();
  else if (fault === 'cut-mid-token') response.end(next.slice(0, Math.floor(next.length / 2)));
  else if (fault === 'closed-mid-answer') {
    // A reset would also take back what the reader has not read yet; this ends after it.
    await new Promise((resolve) => response.write(': bye\n\n', resolve));
    request.socket.destroy();
  } else if (fault === 'malformed-after-text') {
    await send('data: {"choices": [}\n\n');
    response.end();
  } else if (fault === 'error-in-stream') {
    await send(`data: ${JSON.stringify({ error: { message: 'The upstream failed.', code: 502 } })}\n\n`);
    response.end();
  } else return false;
  return true;
}

/** Single bytes, so that every character of several bytes is cut; a turn of the loop between them keeps them apart. */
async function sendByteByByte(text: string, send: (data: Uint8Array) => Promise<void>): Promise<void> {
  for (const byte of Buffer.from(text)) {
    await send(Uint8Array.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
}
