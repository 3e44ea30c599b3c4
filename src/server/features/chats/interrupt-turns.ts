import type { TurnEvent } from '../../../shared/turn-events.ts';
import { AppError, toProblem } from '../../errors.ts';
import { interruptedOutcome } from './interrupted-outcome.ts';
import { messageOfOutcome } from './present-chat.ts';
import type { TurnRow, TurnStore } from './turn-store.ts';

/**
 * How far after the last committed event an interrupted turn ends. Readers may have seen events that were lost with
 * their server; the end must come after all of them, or a reader that resumes would never get it.
 */
const SEQUENCE_GAP = 1_000_000;
/** Rounds that a lease from the future must stay the same until its owner counts as gone. */
const UNCHANGED_ROUNDS = 4;

/**
 * Makes the function that ends turns whose server went away, as interrupted with the text that was committed. It is
 * called in rounds, further apart than a living server renews its leases. A lease that lies further ahead than any is
 * given was written before the clock went back; such a turn is ended when nobody renewed it for some rounds.
 */
export function createInterruptTurns(dependencies: {
  store: TurnStore;
  now: () => Date;
  isRunningHere: (turnId: number) => boolean;
}): (options: { isAlone: boolean; givenUpIds: readonly number[] }) => Promise<number[]> {
  const { store, now, isRunningHere } = dependencies;
  let ahead = new Map<number, { leaseUntil: string; rounds: number }>();

  /** Counts the rounds of leases from the future. @returns the rows whose lease is over */
  function overdue(rows: readonly TurnRow[]): TurnRow[] {
    const time = now().toISOString();
    const seen = new Map<number, { leaseUntil: string; rounds: number }>();
    const found = rows.filter((row) => {
      if (row.leaseUntil < time) return true;
      const before = ahead.get(row.id);
      const rounds = before?.leaseUntil === row.leaseUntil ? before.rounds + 1 : 0;
      seen.set(row.id, { leaseUntil: row.leaseUntil, rounds });
      return rounds >= UNCHANGED_ROUNDS;
    });
    ahead = seen;
    return found;
  }

  async function interrupt(row: TurnRow): Promise<boolean> {
    const turn = await store.takeOver(row);
    if (!turn) return false;
    const events = await store.eventsAfter(row.id, 0);
    const first = events.find((event) => event.type === 'turn-start');
    const error = leftUnfinished();
    const outcome = interruptedOutcome({
      status: 'interrupted',
      content: events.map((event) => (event.type === 'answer-delta' ? event.text : '')).join(''),
      error,
      question: '',
      personaVersion: '',
    });
    const message = messageOfOutcome(outcome, {
      turnId: row.id,
      chatId: row.chatId,
      questionId: row.questionId,
      createdAt: row.createdAt,
      responseTimeMs: Math.max(0, now().getTime() - Date.parse(row.createdAt)),
    });
    const terminal: TurnEvent = {
      type: 'turn-error',
      problem: toProblem(error, `turn-${row.id}`),
      message,
      turnId: row.id,
      sequence: (events.at(-1)?.sequence ?? 0) + SEQUENCE_GAP,
    };
    const personaId = first?.type === 'turn-start' ? first.personaId : '';
    return store.finish({ turn, message, outcome, personaId, events: [terminal] });
  }

  /**
   * @param options.isAlone this server is the only one on its data, so that turns of others are dead whatever their lease
   * @param options.givenUpIds turns of this server whose end could not be written; their lease does not matter either
   * @returns ids of the turns that were ended
   */
  return async function interruptTurns({ isAlone, givenUpIds }) {
    const listed = await store.listAbandoned(isAlone);
    const rows = isAlone ? listed : overdue(listed);
    for (const id of givenUpIds) {
      const row = await store.find(id);
      if (row?.status === 'generating' && !rows.some((other) => other.id === id)) rows.push(row);
    }
    const ended: number[] = [];
    for (const row of rows) {
      if (!isRunningHere(row.id) && (await interrupt(row))) ended.push(row.id);
    }
    return ended;
  };
}

/** Why an interrupted answer has no end of its own. */
export function leftUnfinished(): AppError {
  return new AppError('turn_interrupted', 'The server stopped while it was writing this answer. Ask again.');
}
