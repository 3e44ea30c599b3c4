import type { Citation, GuardAction, Message, Source } from './messages.ts';
import type { Problem } from './problem.ts';

/** What happens in a turn, in order; presenters turn these into wire forms. */
export type TurnEventBody =
  | { type: 'turn-start'; chatId: number; questionId: number; answerId: number; personaId: string }
  | { type: 'guard-decided'; stage: 'question' | 'answer'; action: GuardAction; policyId: string | null }
  | {
      type: 'route-chosen';
      specialistId: string;
      namespaces: string[];
      confidence: number;
      reason: string;
    }
  | { type: 'sources-found'; sources: Source[] }
  | { type: 'answer-delta'; text: string }
  | { type: 'citations-aligned'; citations: Citation[]; sources: Source[] }
  | { type: 'turn-end'; message: Message }
  | { type: 'turn-error'; problem: Problem; message: Message };

/**
 * One event of a turn. `turnId` is the answer's message id; `sequence` grows by at least one from event to event.
 * Exactly one `turn-end` (complete, stopped, refused) or `turn-error` (interrupted, failed) ends a turn.
 */
export type TurnEvent = TurnEventBody & { turnId: number; sequence: number };

/** Whether nothing can follow this event. */
export function isTerminal(event: TurnEventBody): boolean {
  return event.type === 'turn-end' || event.type === 'turn-error';
}
