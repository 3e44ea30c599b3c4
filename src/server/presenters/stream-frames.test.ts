import { describe, expect, it } from 'vitest';

import { readFrames } from '../../../test/read-event-stream.ts';
import type { Message } from '../../shared/messages.ts';
import type { TurnEvent, TurnEventBody } from '../../shared/turn-events.ts';
import { toServerSentEvents, toStreamFrames } from './stream-frames.ts';

const message: Message = {
  id: 3,
  chat_id: 1,
  role: 'assistant',
  content: 'Warm it [1].',
  status: 'complete',
  parent_id: 2,
  agent_used: 'tea',
  routing_reason: null,
  namespaces: ['tea'],
  sources: [],
  citations: [],
  guard: { action: 'allow', policy: null, reason: null },
  note: null,
  prompt_tokens: 5,
  completion_tokens: 4,
  total_tokens: 9,
  cost_usd: 0,
  response_time_ms: 12,
  created_at: '2026-01-01T00:00:00.000Z',
};
const problem = {
  type: 'urn:wwhd:problem:turn_interrupted',
  title: 'The answer was interrupted',
  status: 503,
  detail: 'The server stopped.',
  code: 'turn_interrupted' as const,
  request_id: 'turn-3',
};
const at = (sequence: number, body: TurnEventBody): TurnEvent => ({ ...body, turnId: 3, sequence });

describe('toStreamFrames', () => {
  it('should make the frames that clients know', () => {
    const start = { type: 'turn-start', chatId: 1, questionId: 2, answerId: 3, personaId: 'tester' } as const;
    expect(toStreamFrames(at(1, start))).toEqual([
      { type: 'start', chat_id: 1, message_id: 3, turn_id: 3, question_id: 2 },
    ]);
    const route = { specialistId: 'tea', namespaces: ['tea'], confidence: 0.8, reason: 'words' };
    expect(toStreamFrames(at(2, { type: 'route-chosen', ...route }))).toEqual([
      { type: 'route', agent: 'tea', namespaces: ['tea'], confidence: 0.8, reason: 'words' },
    ]);
    expect(toStreamFrames(at(3, { type: 'answer-delta', text: 'Warm' }))).toEqual([
      { type: 'token', content: 'Warm' },
    ]);
  });

  it('should end with citations, figures and the message', () => {
    const frames = toStreamFrames(at(9, { type: 'turn-end', message }));
    expect(frames.map((frame) => frame.type)).toEqual(['citation', 'metadata', 'done']);
    expect(frames[1]).toMatchObject({ prompt_tokens: 5, completion_tokens: 4, response_time_ms: 12 });
    expect(frames[2]).toEqual({ type: 'done', message });
  });

  it('should tell an error as text, as a problem and with the text so far', () => {
    const [frame] = toStreamFrames(at(9, { type: 'turn-error', problem, message }));
    expect(frame).toMatchObject({
      type: 'error',
      message: 'The server stopped.',
      code: 'turn_interrupted',
      status: 503,
      problem_type: problem.type,
      answer: message,
    });
  });

  it('should keep inner events to itself', () => {
    expect(toServerSentEvents(at(2, { type: 'sources-found', sources: [] }))).toBe('');
    const guard = { type: 'guard-decided', stage: 'question', action: 'allow', policyId: null } as const;
    expect(toServerSentEvents(at(2, guard))).toBe('');
  });
});

describe('toServerSentEvents', () => {
  it('should write one line of data a frame, whatever the text holds', async () => {
    const text = 'a\nb\r\n\u2028data: x\n\n[1] "🌿"';
    const written = toServerSentEvents(at(4, { type: 'answer-delta', text }));
    expect(written).toMatch(/^id: 4\ndata: [^\r\n]*\n\n$/);
    expect(await readFrames(written)).toEqual([{ id: '4', frame: { type: 'token', content: text } }]);
  });

  it('should number only the last frame of an event', () => {
    const written = toServerSentEvents(at(9, { type: 'turn-end', message }));
    expect(written.split('\n\n').map((part) => /^id: (\d+)/.exec(part)?.[1])).toEqual([
      undefined,
      undefined,
      '9',
      undefined,
    ]);
  });
});
