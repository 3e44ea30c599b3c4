import type { TurnEvent, TurnEventBody } from '../../../shared/turn-events.ts';
import { isTerminal } from '../../../shared/turn-events.ts';

/**
 * The events of one running turn, shared by all its readers: each reader keeps only a place in it, so a slow one costs
 * nothing and delays nobody.
 */
export type TurnLog = {
  append: (body: TurnEventBody) => TurnEvent;
  /** The sequence that the next event will have. */
  nextSequence: () => number;
  /** Events that are not known to be in the database, oldest first. */
  unsaved: () => TurnEvent[];
  /** Tells that the events up to this sequence are in the database. */
  markSaved: (throughSequence: number) => void;
  /** Events after a sequence, then new ones as they come; ends after the terminal event or when closed. */
  read: (afterSequence: number, signal: AbortSignal) => AsyncGenerator<TurnEvent, void, void>;
  /** Ends all readers without a terminal event: the turn belongs to another server now. */
  close: () => void;
};

/**
 * @param first the event that the database already holds
 */
export function createTurnLog(first: TurnEvent): TurnLog {
  const events: TurnEvent[] = [first];
  let savedCount = 1;
  let isClosed = false;
  let changed = Promise.withResolvers<void>();

  const announce = () => {
    const { resolve } = changed;
    changed = Promise.withResolvers();
    resolve();
  };

  return {
    append(body) {
      const event: TurnEvent = { ...body, turnId: first.turnId, sequence: events.length + 1 };
      events.push(event);
      announce();
      return event;
    },
    nextSequence: () => events.length + 1,
    unsaved: () => events.slice(savedCount),
    markSaved(throughSequence) {
      savedCount = Math.max(savedCount, throughSequence);
    },
    async *read(afterSequence, signal) {
      const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => abort(), { once: true });
      let index = Math.min(Math.max(0, afterSequence), events.length);
      while (!signal.aborted) {
        const waiting = changed.promise;
        const event = events[index];
        if (event) {
          index += 1;
          yield event;
          if (isTerminal(event)) return;
        } else {
          if (isClosed) return;
          await Promise.race([waiting, aborted]);
        }
      }
    },
    close() {
      isClosed = true;
      announce();
    },
  };
}
