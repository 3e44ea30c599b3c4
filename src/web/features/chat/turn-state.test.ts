import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { StreamFrame } from '../../../shared/chats.ts';
import { createFrameCollector } from '../../../shared/client/stream-frames.ts';
import type { Message } from '../../../shared/messages.ts';
import { applyFrame, hasEnded, startTurn, turnsOfMessages } from './turn-state.ts';
import type { Turn } from './turn-state.ts';

const asked = startTurn({ key: 'k', question: 'How do I begin?', chatId: null });

function message(overrides: Partial<Message>): Message {
  return {
    id: 8,
    chat_id: 3,
    role: 'assistant',
    content: '',
    status: 'complete',
    parent_id: 7,
    agent_used: null,
    routing_reason: null,
    namespaces: [],
    sources: [],
    citations: [],
    guard: { action: 'allow', policy: null, reason: null },
    note: null,
    prompt_tokens: 0,
    completion_tokens: 0,
    total_tokens: 0,
    cost_usd: 0,
    response_time_ms: null,
    created_at: '2026-11-21T08:00:00Z',
    ...overrides,
  };
}

/** The events of a turn as the server numbers them: several frames of one event share its number, on the last. */
function eventsOf(tokens: string[]): StreamFrame[][] {
  const content = tokens.join('');
  return [
    [{ type: 'start', chat_id: 3, message_id: 8, turn_id: 8, question_id: 7 }],
    [{ type: 'route', agent: 'meditation', namespaces: [], confidence: 1, reason: '' }],
    ...tokens.map((token): StreamFrame[] => [{ type: 'token', content: token }]),
    [
      { type: 'citation', citations: [] },
      {
        type: 'metadata',
        prompt_tokens: 0,
        completion_tokens: 0,
        response_time_ms: 5,
        guard: { action: 'allow', policy: null, reason: null },
      },
      { type: 'done', message: message({ content }) },
    ],
  ];
}

function wireOf(events: StreamFrame[][], after: number): Uint8Array {
  const text = events
    .map((frames, index) => ({ frames, id: index + 1 }))
    .filter(({ id }) => id > after)
    .map(({ frames, id }) =>
      frames
        .map(
          (frame, index) =>
            `${index === frames.length - 1 ? `id: ${id}\n` : ''}data: ${JSON.stringify(frame)}\n\n`,
        )
        .join(''),
    )
    .join(': heartbeat\n\n');
  return new TextEncoder().encode(text);
}

function receive(options: { turn: Turn; bytes: Uint8Array; chunkSizes: number[] }): Turn {
  const { bytes, chunkSizes } = options;
  const collector = createFrameCollector();
  let { turn } = options;
  let at = 0;
  for (let index = 0; at < bytes.length; index += 1) {
    const size = chunkSizes[index % chunkSizes.length] ?? 1;
    for (const frame of collector.feed(bytes.slice(at, at + size))) turn = applyFrame(turn, frame);
    at += size;
  }
  return turn;
}

const tokens = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), { maxLength: 15 });
const chunkSizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 8 });

describe('applyFrame', () => {
  it('should end with the whole answer however the bytes are cut into chunks', () => {
    fc.assert(
      fc.property(tokens, chunkSizes, (parts, sizes) => {
        const turn = receive({ turn: asked, bytes: wireOf(eventsOf(parts), 0), chunkSizes: sizes });
        expect(turn).toMatchObject({ phase: 'complete', chatId: 3, turnId: 8, content: parts.join('') });
      }),
    );
  });

  it('should come to the same turn after any cut, resumed after the last sequence or replayed from any earlier one', () => {
    fc.assert(
      fc.property(tokens, chunkSizes, fc.tuple(fc.nat(), fc.nat()), (parts, sizes, [cut, back]) => {
        const events = eventsOf(parts);
        const whole = receive({ turn: asked, bytes: wireOf(events, 0), chunkSizes: [4096] });
        const bytes = wireOf(events, 0);
        const first = receive({
          turn: asked,
          bytes: bytes.slice(0, cut % (bytes.length + 1)),
          chunkSizes: sizes,
        });
        expect(whole.content.startsWith(first.content)).toBe(true);
        const after = back % (first.lastFrameId + 1);
        expect(receive({ turn: first, bytes: wireOf(events, after), chunkSizes: sizes })).toEqual(whole);
      }),
    );
  });

  it('should keep the text that has arrived when the answer is interrupted or fails', () => {
    const writing = applyFrame(asked, { id: 1, frame: { type: 'token', content: 'Sit' } });
    const end = (code: string) =>
      applyFrame(writing, { id: 2, frame: { type: 'error', message: 'The server went away.', code } });
    expect(end('turn_interrupted')).toMatchObject({ phase: 'interrupted', content: 'Sit' });
    expect(end('model_unavailable')).toMatchObject({
      phase: 'failed',
      content: 'Sit',
      problem: { detail: 'The server went away.' },
    });
  });

  it('should show the note of the answer, from the stream and from the stored chat', () => {
    const answer = message({ note: 'These are excerpts.' });
    const done = { type: 'done', message: answer } as const;
    expect(applyFrame(asked, { id: 1, frame: done }).note).toBe('These are excerpts.');
    expect(turnsOfMessages([message({ id: 7, role: 'user' }), answer])[0]?.note).toBe('These are excerpts.');
  });

  it('should change nothing after the end', () => {
    const done = applyFrame(asked, { id: 1, frame: { type: 'done', message: message({ content: 'Sit.' }) } });
    expect(applyFrame(done, { id: 2, frame: { type: 'token', content: 'more' } })).toBe(done);
  });

  it('should take the status of the message for the end', () => {
    const stopped = message({ status: 'stopped', content: 'Si' });
    expect(applyFrame(asked, { frame: { type: 'done', message: stopped } }).phase).toBe('stopped');
  });
});

describe('turnsOfMessages', () => {
  it('should pair questions with their answers and begin a running answer anew', () => {
    const turns = turnsOfMessages([
      message({ id: 1, role: 'user', content: 'One?' }),
      message({ id: 2, content: 'First.' }),
      message({ id: 3, role: 'user', content: 'Two?' }),
      message({ id: 4, content: 'Sec', status: 'generating' }),
    ]);
    expect(turns.map(({ question, content, turnId }) => [question, content, turnId])).toEqual([
      ['One?', 'First.', 2],
      ['Two?', '', 4],
    ]);
    expect(turns.map(hasEnded)).toEqual([true, false]);
  });

  it('should offer to ask again a question that has no answer', () => {
    const [turn] = turnsOfMessages([message({ id: 1, role: 'user', content: 'One?' })]);
    expect(turn).toMatchObject({ phase: 'interrupted', question: 'One?' });
  });
});
