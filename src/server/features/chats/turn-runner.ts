import type { Message } from '../../../shared/messages.ts';
import { isTerminal, type TurnEvent } from '../../../shared/turn-events.ts';
import { crashPoint } from '../../crash-points.ts';
import { AppError, toProblem } from '../../errors.ts';
import type { AbortReason, TurnInput, TurnOutcome, TurnStream } from '../../pipeline/turn.ts';
import { createFlushTurns } from './flush-turns.ts';
import { createInterruptTurns, leftUnfinished } from './interrupt-turns.ts';
import { interruptedOutcome } from './interrupted-outcome.ts';
import { messageOfOutcome } from './present-chat.ts';
import { retryPatiently } from './retry-patiently.ts';
import { createTurnLog, type TurnLog } from './turn-log.ts';
import type { StartedTurn } from './start-turn.ts';
import type { OwnedTurn, TurnStore } from './turn-store.ts';

export type TurnRunnerOptions = {
  store: TurnStore;
  runTurn: (input: TurnInput) => TurnStream;
  now: () => Date;
  /** Answers being written at once; more wait in line up to `queueMs`. */
  maximumTurns: number;
  queueMs?: number;
  flushMs?: number;
  renewMs?: number;
  followMs?: number;
  /** How long writing the end of an answer is tried again before the answer is given up as interrupted. */
  finishMs?: number;
  onEnded?: (message: Message, outcome: TurnOutcome) => void;
  onError: (error: unknown, context: { turnId: number }) => void;
};

type Running = {
  turn: OwnedTurn;
  questionId: number;
  personaId: string;
  createdAt: string;
  log: TurnLog;
  /** Set when its last events are written together with its end. */
  isEnding: boolean;
  abort: AbortController;
  done: Promise<void>;
};

/**
 * Runs turns for the server, whoever listens: events go to the shared log at once and to the database in groups (all
 * running turns in one transaction, at most `flushMs` later), the end is committed before it is sent. A reader that
 * leaves changes nothing; only `stop` does.
 */
export function createTurnRunner(options: TurnRunnerOptions) {
  const { store, now, maximumTurns, onError } = options;
  const { queueMs = 5_000, flushMs = 50, renewMs = 5_000, followMs = 250, finishMs = 60_000 } = options;
  const running = new Map<number, Running>();
  const waiting: PromiseWithResolvers<void>[] = [];
  let isStopping = false;
  let isShutDown = false;
  let places = maximumTurns;
  let renewTimer: NodeJS.Timeout | undefined;

  const givenUpIds = new Set<number>();
  const lastCall = new AbortController();
  const flushing = createFlushTurns({
    flushMs,
    append: (batches) => store.appendEvents(batches),
    listOpen: () => [...running.values()].filter((entry) => !entry.isEnding),
    onLost: (turnId) => running.get(turnId)?.abort.abort('lost' satisfies AbortReason),
    onError: (error) => onError(error, { turnId: 0 }),
  });
  const interruptTurns = createInterruptTurns({ store, now, isRunningHere: (id) => running.has(id) });

  /** Waits for a free place. @throws AppError `overloaded` when none comes free in time */
  async function takePlace(): Promise<void> {
    if (isStopping) throw shuttingDown();
    if (places > 0) {
      places -= 1;
      return;
    }
    if (waiting.length >= maximumTurns) throw overloaded();
    const turnInLine = Promise.withResolvers<void>();
    const timeout = setTimeout(() => {
      waiting.splice(waiting.indexOf(turnInLine), 1);
      turnInLine.reject(overloaded());
    }, queueMs);
    waiting.push(turnInLine);
    try {
      await turnInLine.promise;
    } finally {
      clearTimeout(timeout);
    }
  }

  function leavePlace(): void {
    const next = waiting.shift();
    if (next) next.resolve();
    else places += 1;
  }

  function launch(
    started: StartedTurn,
    input: Omit<TurnInput, 'signal' | 'turnId'> & { userId: number },
  ): void {
    const abort = new AbortController();
    const turn: OwnedTurn = {
      turnId: started.turnId,
      chatId: started.chatId,
      userId: input.userId,
      fence: started.fence,
    };
    const log = createTurnLog({
      type: 'turn-start',
      turnId: started.turnId,
      sequence: 1,
      chatId: started.chatId,
      questionId: started.questionId,
      answerId: started.turnId,
      personaId: input.persona.id,
    });
    const entry: Running = {
      turn,
      questionId: started.questionId,
      personaId: input.persona.id,
      createdAt: started.createdAt,
      log,
      isEnding: false,
      abort,
      done: Promise.resolve(),
    };
    running.set(started.turnId, entry);
    // Stored while the server was leaving: it still gets its end.
    if (isShutDown) abort.abort('shutdown' satisfies AbortReason);
    entry.done = drive(entry, { ...input, turnId: started.turnId, signal: abort.signal })
      .catch((error: unknown) => {
        onError(error, { turnId: turn.turnId });
        givenUpIds.add(turn.turnId);
        log.close();
      })
      .finally(() => {
        running.delete(turn.turnId);
        leavePlace();
      });
  }

  async function drive(entry: Running, input: TurnInput): Promise<void> {
    const startedAt = now().getTime();
    const outcome = await collect(entry, input);
    const message = messageOfOutcome(outcome, {
      turnId: entry.turn.turnId,
      chatId: entry.turn.chatId,
      questionId: entry.questionId,
      createdAt: entry.createdAt,
      responseTimeMs: Math.max(0, now().getTime() - startedAt),
    });
    if (entry.abort.signal.reason === ('lost' satisfies AbortReason)) return entry.log.close();
    await finish(entry, { message, outcome });
  }

  async function collect(entry: Running, input: TurnInput): Promise<TurnOutcome> {
    let text = '';
    try {
      const stream = options.runTurn(input);
      for (;;) {
        const step = await stream.next();
        if (step.done) return step.value;
        if (step.value.type === 'answer-delta') text += step.value.text;
        entry.log.append(step.value);
        crashPoint('turn-first-event');
        flushing.schedule();
      }
    } catch (error) {
      onError(error, { turnId: input.turnId });
      const known =
        error instanceof AppError
          ? error
          : new AppError('internal', 'Something went wrong while answering. Ask again.', { cause: error });
      return interruptedOutcome({
        status: 'failed',
        content: text,
        error: known,
        question: input.question,
        personaVersion: input.persona.version,
      });
    }
  }

  async function finish(entry: Running, end: { message: Message; outcome: TurnOutcome }): Promise<void> {
    const { message, outcome } = end;
    // Events that could not be written just now go with the end.
    entry.isEnding = true;
    await flushing.settled();
    // The end is written first and shown after: the log gets the terminal event only when it is committed.
    const pending = entry.log.unsaved();
    const body =
      outcome.status === 'failed' || outcome.status === 'interrupted'
        ? {
            type: 'turn-error' as const,
            problem: toProblem(outcome.error ?? leftUnfinished(), `turn-${entry.turn.turnId}`),
            message,
          }
        : { type: 'turn-end' as const, message };
    const terminal: TurnEvent = { ...body, turnId: entry.turn.turnId, sequence: entry.log.nextSequence() };
    crashPoint('turn-ending');
    const isOurs = await retryPatiently(
      () =>
        store.finish({
          turn: entry.turn,
          message,
          outcome,
          personaId: entry.personaId,
          events: [...pending, terminal],
        }),
      {
        limitMs: finishMs,
        signal: lastCall.signal,
        onError: (error) => onError(error, { turnId: entry.turn.turnId }),
      },
    );
    if (!isOurs) return entry.log.close();
    crashPoint('turn-ended');
    entry.log.append(body);
    entry.log.markSaved(terminal.sequence);
    options.onEnded?.(message, outcome);
  }

  async function renew(): Promise<void> {
    const toStop = await store.renewLeases([...running.keys()]);
    for (const turnId of toStop) running.get(turnId)?.abort.abort('stopped' satisfies AbortReason);
    await reap(false);
  }

  /**
   * Ends turns whose server went away, with the text that was committed, and those of this one whose end could not be
   * written at its time.
   * @param isAlone this server is the only one on its data, so that turns of other instances are dead whatever their
   * lease
   */
  async function reap(isAlone: boolean): Promise<number> {
    const ids = await interruptTurns({ isAlone, givenUpIds: [...givenUpIds] });
    for (const id of givenUpIds) {
      const turn = await store.find(id);
      if (turn?.status !== 'generating') givenUpIds.delete(id);
    }
    return ids.length;
  }

  /** Reads a turn that another server runs, or that has ended, from the database. */
  async function* followStored(
    turnId: number,
    afterSequence: number,
    signal: AbortSignal,
  ): AsyncGenerator<TurnEvent, void, void> {
    let after = afterSequence;
    while (!signal.aborted) {
      const events = await store.eventsAfter(turnId, after);
      for (const event of events) {
        after = event.sequence;
        yield event;
        if (isTerminal(event)) return;
      }
      if (events.length > 0) continue;
      const turn = await store.find(turnId);
      if (!turn || (turn.status === 'ended' && (await store.eventsAfter(turnId, after)).length === 0)) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      setTimeout(resolve, followMs);
      await promise;
    }
  }

  async function allDone(): Promise<void> {
    while (running.size > 0) await Promise.allSettled([...running.values()].map((entry) => entry.done));
  }

  return {
    takePlace,
    leavePlace,
    launch,
    reap,
    start(): void {
      renewTimer = setInterval(() => {
        renew().catch((error: unknown) => onError(error, { turnId: 0 }));
      }, renewMs).unref();
    },
    /** Events of a turn after a sequence, stored and new, until its terminal event or the reader's signal. */
    async *follow(
      turnId: number,
      afterSequence: number,
      signal: AbortSignal,
    ): AsyncGenerator<TurnEvent, void, void> {
      let after = afterSequence;
      const local = running.get(turnId);
      if (local) {
        for await (const event of local.log.read(after, signal)) {
          after = event.sequence;
          yield event;
          if (isTerminal(event)) return;
        }
      }
      yield* followStored(turnId, after, signal);
    },
    /** Stops a turn wherever it runs. @returns false when it had already ended */
    async stop(turnId: number): Promise<boolean> {
      const isRunning = await store.requestStop(turnId);
      running.get(turnId)?.abort.abort('stopped' satisfies AbortReason);
      return isRunning;
    },
    isRunningHere: (turnId: number) => running.has(turnId),
    statistics: () => ({ running: running.size, waiting: waiting.length }),
    /** Lets running turns finish for `graceMs`, then ends the rest as interrupted with their text. */
    async shutDown(graceMs: number): Promise<void> {
      isStopping = true;
      clearInterval(renewTimer);
      for (const turnInLine of waiting.splice(0)) turnInLine.reject(shuttingDown());
      const { promise: graceOver, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, graceMs);
      await Promise.race([allDone(), graceOver]);
      clearTimeout(timer);
      isShutDown = true;
      lastCall.abort();
      for (const entry of running.values()) entry.abort.abort('shutdown' satisfies AbortReason);
      await allDone();
      flushing.stop();
      await flushing.settled();
    },
  };
}

export type TurnRunner = ReturnType<typeof createTurnRunner>;

function shuttingDown(): AppError {
  return new AppError('unavailable', 'The server is shutting down; ask again in a moment.', {
    retryAfterSeconds: 5,
  });
}

function overloaded(): AppError {
  return new AppError('overloaded', 'Many answers are being written right now. Try again in a few seconds.', {
    retryAfterSeconds: 5,
  });
}
