import type { TurnEvent } from '../../../shared/turn-events.ts';
import { crashPoint } from '../../crash-points.ts';
import type { TurnLog } from './turn-log.ts';
import type { OwnedTurn } from './turn-store.ts';

type OpenTurn = { turn: OwnedTurn; log: TurnLog };

/** Waits after a failed write, in units of `flushMs`, doubled up to this. */
const LONGEST_BACK_OFF = 64;

/**
 * Writes the new events of all running turns in one transaction, `flushMs` after the first of them. One write at a
 * time; what could not be written stays in its log and is written with the next try, so that no event is ever missing
 * between two that are stored.
 */
export function createFlushTurns(options: {
  flushMs: number;
  append: (batches: { turn: OwnedTurn; events: readonly TurnEvent[] }[]) => Promise<number[]>;
  /** Running turns, but for those whose last events are being written with their end. */
  listOpen: () => readonly OpenTurn[];
  onLost: (turnId: number) => void;
  onError: (error: unknown) => void;
}) {
  const { flushMs, append, listOpen, onLost, onError } = options;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let backOff = 1;
  let isStopped = false;

  const listUnsaved = () =>
    listOpen().flatMap(({ turn, log }) => {
      const events = log.unsaved();
      return events.length > 0 ? [{ turn, log, events }] : [];
    });

  async function write(): Promise<void> {
    const batches = listUnsaved();
    if (batches.length === 0) return;
    try {
      const lost = await append(batches.map(({ turn, events }) => ({ turn, events })));
      crashPoint('turn-events-saved');
      for (const { log, events } of batches) log.markSaved(events.at(-1)?.sequence ?? 0);
      for (const turnId of lost) onLost(turnId);
      backOff = 1;
    } catch (error) {
      backOff = Math.min(LONGEST_BACK_OFF, backOff * 2);
      onError(error);
    }
  }

  function schedule(): void {
    // A write that is under way looks for more when it is done.
    if (isStopped || timer !== undefined || writing !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      writing = write().finally(() => {
        writing = undefined;
        if (listUnsaved().length > 0) schedule();
      });
    }, flushMs * backOff);
  }

  return {
    schedule,
    /** Resolves when no write is under way. */
    settled: async () => writing,
    stop(): void {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
