import type { ApiClient } from '../../../shared/api-client.ts';
import type { NumberedFrame } from '../../../shared/client/stream-frames.ts';
import { describeProblem } from '../../api.ts';
import type { ShownProblem } from '../../api.ts';
import type { StoredSession } from './stored-session.ts';
import { applyFrame, failTurn, hasEnded, startTurn, turnsOfMessages } from './turn-state.ts';
import type { Turn, TurnOrigin } from './turn-state.ts';

/** The conversation on the page. `loading` is a problem when the chat of the address could not be opened. */
export type ConversationState = {
  chatId: number | null;
  persona: string | null;
  turns: Turn[];
  loading: 'ready' | 'loading' | ShownProblem;
};

export type ConversationDependencies = {
  client: Pick<
    ApiClient,
    'streamAsk' | 'streamRegenerate' | 'streamEdit' | 'followTurn' | 'stopTurn' | 'getChat'
  >;
  session: StoredSession;
  /** Called when the chat on the page gets or changes its id. */
  onChat: (chatId: number | null, how: 'push' | 'replace') => void;
  createKey: () => string;
  /** The pause before a lost connection is tried again. */
  wait: (delayMs: number) => Promise<void>;
};

export type Conversation = ReturnType<typeof createConversation>;

const emptyState: ConversationState = { chatId: null, persona: null, turns: [], loading: 'ready' };

/**
 * Keeps one conversation: asks, follows answers over lost connections and reloads, stops them, opens and begins chats.
 * A question without acknowledgement stays in the tab's store and is sent again with its idempotency key.
 */
export function createConversation(dependencies: ConversationDependencies) {
  const { client, session, onChat, createKey } = dependencies;
  const listeners = new Set<() => void>();
  let state = emptyState;
  let following = new AbortController();
  let isStopWanted = false;

  const update = (change: Partial<ConversationState>) => {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  };
  const changeTurn = (key: string, change: (turn: Turn) => Turn) =>
    update({ turns: state.turns.map((turn) => (turn.key === key ? change(turn) : turn)) });
  const restartFollowing = () => {
    following.abort();
    following = new AbortController();
    return following.signal;
  };
  // A turn that cannot be stopped has ended or goes on; its stream tells which.
  const stopTurn = (turnId: number) => void client.stopTurn(turnId).catch(() => undefined);

  const acknowledge = (key: string, named: { chatId: number; turnId: number }) => {
    session.keepPending(null);
    const turns = state.turns.filter((turn) => turn.key === key || turn.turnId !== named.turnId);
    update({ chatId: named.chatId, turns });
    onChat(named.chatId, 'replace');
    if (isStopWanted) stopTurn(named.turnId);
    isStopWanted = false;
  };

  async function follow(turn: Turn): Promise<void> {
    const signal = restartFollowing();
    const wait = (delayMs: number) => {
      changeTurn(turn.key, (current) => ({ ...current, isReconnecting: true }));
      return dependencies.wait(delayMs);
    };
    try {
      for await (const numbered of openFrames({ client, turn, persona: state.persona, wait, signal })) {
        if (signal.aborted) return;
        const { frame } = numbered;
        if (frame.type === 'start') {
          acknowledge(turn.key, { chatId: frame.chat_id, turnId: frame.turn_id });
        }
        changeTurn(turn.key, (current) => applyFrame(current, numbered));
      }
    } catch (error) {
      if (!signal.aborted) await settle({ turn, error, signal });
    }
  }

  /** The events of a turn go before its message does; then the message is the answer. */
  async function settle(options: { turn: Turn; error: unknown; signal: AbortSignal }): Promise<void> {
    const { turn, error, signal } = options;
    const problem = describeProblem(error);
    const isForgotten = problem.code === 'not_found' && turn.turnId !== null && turn.chatId !== null;
    const chat = isForgotten ? await client.getChat(turn.chatId ?? 0).catch(() => null) : null;
    if (signal.aborted) return;
    if (chat === null) changeTurn(turn.key, (current) => failTurn(current, problem));
    else update({ turns: turnsOfMessages(chat.messages).map(endIfRunning) });
  }

  /** Begins a turn at the end, in place of the turn `replacedKey`; only a new question can be repeated by its key. */
  function begin(turn: Turn, replacedKey = turn.key): void {
    isStopWanted = false;
    const { key, question, chatId } = turn;
    session.keepPending(turn.origin.kind === 'question' ? { key, question, chatId } : null);
    update({ turns: [...state.turns.filter((other) => other.key !== replacedKey), turn] });
    void follow(turn);
  }

  async function open(chatId: number): Promise<void> {
    const signal = restartFollowing();
    update({ ...emptyState, chatId, loading: 'loading' });
    try {
      const chat = await client.getChat(chatId, { signal });
      const turns = turnsOfMessages(chat.messages);
      update({ turns, persona: chat.persona, loading: 'ready' });
      const last = turns.at(-1);
      if (last !== undefined && !hasEnded(last)) void follow(last);
    } catch (error) {
      if (!signal.aborted) update({ loading: describeProblem(error) });
    }
  }

  const ask = (question: string, persona: string | null = state.persona) => {
    update({ persona });
    begin(startTurn({ key: createKey(), question, chatId: state.chatId }));
  };

  /** Puts a branch in the place of the last turn, once that has ended; any other turn stays as it is. */
  const replaceLast = (old: Turn, branch: { question: string; origin: TurnOrigin }) => {
    const last = state.turns.at(-1);
    if (last?.key !== old.key || !hasEnded(last)) return;
    begin(startTurn({ key: createKey(), chatId: old.chatId, ...branch }), old.key);
  };

  return {
    read: () => state,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    ask,
    open,
    /** Comes back after a reload: to the chat of the address, and to a question that was never acknowledged. */
    resume: async (chatId: number | null) => {
      const pending = session.pending();
      if (chatId !== null) await open(chatId);
      if (pending !== null && pending.chatId === chatId && state.loading === 'ready')
        begin(startTurn(pending));
    },
    startNew: (persona: string | null = state.persona) => {
      restartFollowing();
      update({ ...emptyState, persona });
    },
    /** Stops the running answer; one that the server has not named yet is stopped as soon as it is. */
    stop: () => {
      const last = state.turns.at(-1);
      if (last === undefined || hasEnded(last)) return;
      if (last.turnId === null) isStopWanted = true;
      else stopTurn(last.turnId);
    },
    /** Writes the last answer again. */
    answerAgain: (turn: Turn) => {
      if (turn.turnId === null) return;
      replaceLast(turn, { question: turn.question, origin: { kind: 'again', answerId: turn.turnId } });
    },
    /** Asks something else in place of the last question. */
    edit: (turn: Turn, question: string) => {
      if (turn.questionId === null) return;
      replaceLast(turn, { question, origin: { kind: 'edited', questionId: turn.questionId } });
    },
    /** Tries a turn once more: from where its connection was lost, with its own key, or as a new question. */
    askAgain: (turn: Turn) => {
      if (turn.turnId === null) {
        const { key, question, chatId, origin } = turn;
        begin(startTurn({ key, question, chatId, origin }));
      } else if (turn.problem?.code === 'connection_lost') {
        const resumed: Turn = { ...turn, phase: 'reading', isReconnecting: true, problem: null };
        changeTurn(turn.key, () => resumed);
        void follow(resumed);
      } else ask(turn.question);
    },
  };
}

function endIfRunning(turn: Turn): Turn {
  return hasEnded(turn) ? turn : { ...turn, phase: 'interrupted' };
}

function openFrames(options: {
  client: ConversationDependencies['client'];
  turn: Turn;
  persona: string | null;
  wait: (delayMs: number) => Promise<void>;
  signal: AbortSignal;
}): AsyncGenerator<NumberedFrame> {
  const { client, turn, persona, wait, signal } = options;
  if (turn.turnId !== null) {
    const place = turn.lastFrameId > 0 ? { lastId: turn.lastFrameId } : {};
    return client.followTurn(turn.turnId, { ...place, wait, signal });
  }
  if (turn.origin.kind === 'again') {
    return client.streamRegenerate(turn.origin.answerId, { wait, signal });
  }
  if (turn.origin.kind === 'edited') {
    const question = { messageId: turn.origin.questionId, content: turn.question };
    return client.streamEdit(question, { wait, signal });
  }
  const place = turn.chatId === null ? { persona } : { chat_id: turn.chatId };
  return client.streamAsk({ content: turn.question, ...place }, { idempotencyKey: turn.key, wait, signal });
}
