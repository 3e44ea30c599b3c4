import type { StreamFrame } from '../../shared/chats.ts';
import type { TurnEvent } from '../../shared/turn-events.ts';

/** The frames of `/chat/stream` that one event becomes, in order; `sources-found` and guard decisions have none. */
export function toStreamFrames(event: TurnEvent): StreamFrame[] {
  switch (event.type) {
    case 'turn-start':
      return [
        {
          type: 'start',
          chat_id: event.chatId,
          message_id: event.answerId,
          turn_id: event.turnId,
          question_id: event.questionId,
        },
      ];
    case 'route-chosen':
      return [
        {
          type: 'route',
          agent: event.specialistId,
          namespaces: event.namespaces,
          confidence: event.confidence,
          reason: event.reason,
        },
      ];
    case 'answer-delta':
      return [{ type: 'token', content: event.text }];
    case 'turn-end': {
      const { message } = event;
      return [
        { type: 'citation', citations: message.sources },
        {
          type: 'metadata',
          prompt_tokens: message.prompt_tokens,
          completion_tokens: message.completion_tokens,
          response_time_ms: message.response_time_ms ?? 0,
          guard: message.guard,
        },
        { type: 'done', message },
      ];
    }
    case 'turn-error': {
      const { problem, message } = event;
      return [
        { ...problem, type: 'error', message: problem.detail, problem_type: problem.type, answer: message },
      ];
    }
    case 'guard-decided':
    case 'sources-found':
    case 'citations-aligned':
      return [];
  }
}

/**
 * One event as server-sent events (HTML Living Standard, 9.2). Where it makes several frames only the last carries the
 * id, so that a reader that was cut between them gets all of them again.
 */
export function toServerSentEvents(event: TurnEvent): string {
  const frames = toStreamFrames(event);
  return frames
    .map((frame, position) => {
      const id = position === frames.length - 1 ? `id: ${event.sequence}\n` : '';
      return `${id}data: ${JSON.stringify(frame)}\n\n`;
    })
    .join('');
}
