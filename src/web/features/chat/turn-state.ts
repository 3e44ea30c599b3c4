import type { NumberedFrame } from '../../../shared/client/stream-frames.ts';
import type { ShownProblem } from '../../api.ts';
import type { Citation, GuardSummary, Message, Source } from '../../../shared/messages.ts';

/** Where a turn stands on the page; the last four are its ends. */
export type TurnPhase =
  | 'sending'
  | 'reading'
  | 'answering'
  | 'complete'
  | 'stopped'
  | 'interrupted'
  | 'failed';

/** What the turn asks the server for: a new question, an answer written again, or a question that was changed. */
export type TurnOrigin =
  | { kind: 'question' }
  | { kind: 'again'; answerId: number }
  | { kind: 'edited'; questionId: number };

/** A question and its answer as the page shows them. `lastFrameId` is the sequence up to which frames were applied. */
export type Turn = {
  key: string;
  question: string;
  chatId: number | null;
  origin: TurnOrigin;
  questionId: number | null;
  turnId: number | null;
  lastFrameId: number;
  phase: TurnPhase;
  isReconnecting: boolean;
  content: string;
  sources: Source[];
  citations: Citation[];
  guard: GuardSummary;
  /** One sentence about how the answer came about. */
  note: string | null;
  agent: string | null;
  problem: ShownProblem | null;
};

const noGuard: GuardSummary = { action: 'allow', policy: null, reason: null };

/** A turn before anything came back. `key` names it on the page and is its idempotency key. */
export function startTurn(options: {
  key: string;
  question: string;
  chatId: number | null;
  origin?: TurnOrigin;
}): Turn {
  return {
    origin: { kind: 'question' },
    ...options,
    questionId: null,
    turnId: null,
    lastFrameId: 0,
    phase: 'sending',
    isReconnecting: false,
    content: '',
    sources: [],
    citations: [],
    guard: noGuard,
    note: null,
    agent: null,
    problem: null,
  };
}

/** Whether nothing more can arrive for this turn. */
export function hasEnded(turn: Turn): boolean {
  return ['complete', 'stopped', 'interrupted', 'failed'].includes(turn.phase);
}

/**
 * The turn after one frame. Frames at or before the last applied sequence and frames after the end change nothing,
 * so that replaying any part of a stream after a lost connection is harmless.
 */
export function applyFrame(turn: Turn, { id, frame }: NumberedFrame): Turn {
  if (hasEnded(turn) || (id !== undefined && id <= turn.lastFrameId)) return turn;
  const next: Turn = { ...turn, isReconnecting: false, lastFrameId: id ?? turn.lastFrameId };
  switch (frame.type) {
    case 'start':
      return {
        ...next,
        chatId: frame.chat_id,
        questionId: frame.question_id,
        turnId: frame.turn_id,
        phase: 'reading',
      };
    case 'route':
      return { ...next, agent: frame.agent };
    case 'token':
      return { ...next, phase: 'answering', content: turn.content + frame.content };
    case 'citation':
      return { ...next, sources: frame.citations };
    case 'metadata':
      return { ...next, guard: frame.guard };
    case 'done':
      return applyMessage(next, frame.message);
    case 'error':
      return failTurn(next, {
        code: readText(frame['code']),
        detail: frame.message,
        retryAfterSeconds: null,
      });
    default:
      return next;
  }
}

/** The turn ended by an error; text that has arrived stays. */
export function failTurn(turn: Turn, problem: ShownProblem): Turn {
  const phase = problem.code === 'turn_interrupted' ? 'interrupted' : 'failed';
  return { ...turn, phase, isReconnecting: false, problem };
}

/** The turn with its answer as the server keeps it. */
export function applyMessage(turn: Turn, message: Message): Turn {
  return {
    ...turn,
    chatId: message.chat_id,
    turnId: message.id,
    phase: message.status === 'generating' ? 'reading' : message.status,
    isReconnecting: false,
    content: message.content,
    sources: message.sources,
    citations: message.citations,
    guard: message.guard,
    note: message.note,
    agent: message.agent_used,
  };
}

/** The turns of a stored chat: each question with the answer that follows it; an answer still running starts empty. */
export function turnsOfMessages(messages: Message[]): Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === 'user') {
      const turn = startTurn({ key: `m${message.id}`, question: message.content, chatId: message.chat_id });
      turns.push({ ...turn, questionId: message.id, phase: 'interrupted' });
      continue;
    }
    const turn = turns.at(-1);
    if (turn === undefined) continue;
    const content = message.status === 'generating' ? '' : message.content;
    turns[turns.length - 1] = applyMessage(turn, { ...message, content });
  }
  return turns;
}

function readText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
