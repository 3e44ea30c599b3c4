import type { Message } from '../../../shared/messages.ts';
import { isTerminal, type TurnEvent } from '../../../shared/turn-events.ts';
import { AppError, toProblem } from '../../errors.ts';
import type { AbortReason, TurnInput, TurnOutcome, TurnStream } from '../../pipeline/turn.ts';
import { interruptedOutcome } from './interrupted-outcome.ts';
import { messageOfOutcome } from './present-chat.ts';
import { createTurnLog, type TurnLog } from './turn-log.ts';
import type { StartedTurn } from './start-turn.ts';
import type { OwnedTurn, TurnStore } from './turn-store.ts';

/**
 * More than a turn can have sent and not yet committed. The end that a reaper writes stands beyond them, so that a
 * reader who saw some of them does not take it for one of those.
 */
const UNCOMMITTED_EVENTS = 10_000;

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
  onEnded?: (message: Message, outcome: TurnOutcome) => void;
  onError: (error: unknown, context: { turnId: number }) => void;
};

type Running = {
  turn: OwnedTurn;
  questionId: number;
  personaId: string;
  createdAt: string;
  log: TurnLog;
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
  const { queueMs = 5_000, flushMs = 50, renewMs = 5_000, followMs = 250 } = options;
  const running = new Map<number, Running>();
  const waiting: PromiseWithResolvers<void>[] = [];
  let isStopping = false;
  let isShutDown = false;
  let flushing: Promise<void> = Promise.resolve();
  let places = maximumTurns;
  let flushTimer: NodeJS.Timeout | undefined;
  let renewTimer: NodeJS.Timeout | undefined;

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
      abort,
      done: Promise.resolve(),
    };
    running.set(started.turnId, entry);
    // Stored while the server was leaving: it still gets its end.
    if (isShutDown) abort.abort('shutdown' satisfies AbortReason);
    entry.done = drive(entry, { ...input, turnId: started.turnId, signal: abort.signal })
      .catch((error: unknown) => {
        onError(error, { turnId: turn.turnId });
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
        scheduleFlush();
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
    // Events that could not be written just now come back, and go with the end.
    await flushing;
    // The end is written first and shown after: the log gets the terminal event only when it is committed.
    const pending = entry.log.takeUnsaved();
    const body =
      outcome.status === 'failed' || outcome.status === 'interrupted'
        ? {
            type: 'turn-error' as const,
            problem: toProblem(outcome.error ?? leftUnfinished(), `turn-${entry.turn.turnId}`),
            message,
          }
        : { type: 'turn-end' as const, message };
    const terminal: TurnEvent = { ...body, turnId: entry.turn.turnId, sequence: entry.log.nextSequence() };
    const isOurs = await store.finish({
      turn: entry.turn,
      message,
      outcome,
      personaId: entry.personaId,
      events: [...pending, terminal],
    });
    if (!isOurs) return entry.log.close();
    entry.log.append(body);
    entry.log.takeUnsaved();
    options.onEnded?.(message, outcome);
  }

  function scheduleFlush(): void {
    flushTimer ??= setTimeout(() => {
      flushTimer = undefined;
      flushing = flushing.then(flush).catch((error: unknown) => onError(error, { turnId: 0 }));
    }, flushMs);
  }

  async function flush(): Promise<void> {
    const batches = [...running.values()].flatMap((entry) => {
      const events = entry.log.takeUnsaved();
      return events.length > 0 ? [{ turn: entry.turn, events }] : [];
    });
    if (batches.length === 0) return;
    let lost: number[];
    try {
      lost = await store.appendEvents(batches);
    } catch (error) {
      for (const { turn, events } of batches) running.get(turn.turnId)?.log.giveBackUnsaved(events);
      if (running.size > 0) scheduleFlush();
      throw error;
    }
    for (const turnId of lost) running.get(turnId)?.abort.abort('lost' satisfies AbortReason);
  }

  async function renew(): Promise<void> {
    const toStop = await store.renewLeases([...running.keys()]);
    for (const turnId of toStop) running.get(turnId)?.abort.abort('stopped' satisfies AbortReason);
    await reap(false);
  }

  /**
   * Ends turns whose server went away, with the text that was committed.
   * @param alone this server is the only one on its data, so that turns of other instances are dead whatever their lease
   */
  async function reap(alone: boolean): Promise<number> {
    let count = 0;
    for (const row of await store.listAbandoned(alone)) {
      if (running.has(row.id)) continue;
      const turn = await store.takeOver(row);
      if (!turn) continue;
      const events = await store.eventsAfter(row.id, 0);
      const content = events.map((event) => (event.type === 'answer-delta' ? event.text : '')).join('');
      const first = events.find((event) => event.type === 'turn-start');
      const error = leftUnfinished();
      const outcome = interruptedOutcome({
        status: 'interrupted',
        content,
        error,
        question: '',
        personaVersion: '',
      });
      const responseTimeMs = Math.max(0, now().getTime() - Date.parse(row.createdAt));
      const message = messageOfOutcome(outcome, {
        turnId: row.id,
        chatId: row.chatId,
        questionId: row.questionId,
        createdAt: row.createdAt,
        responseTimeMs,
      });
      const terminal: TurnEvent = {
        type: 'turn-error',
        problem: toProblem(error, `turn-${row.id}`),
        message,
        turnId: row.id,
        sequence: (events.at(-1)?.sequence ?? 0) + UNCOMMITTED_EVENTS,
      };
      const personaId = first?.type === 'turn-start' ? first.personaId : '';
      if (await store.finish({ turn, message, outcome, personaId, events: [terminal] })) count += 1;
    }
    return count;
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
      for (const entry of running.values()) entry.abort.abort('shutdown' satisfies AbortReason);
      await allDone();
      clearTimeout(flushTimer);
      await flushing;
    },
  };
}

export type TurnRunner = ReturnType<typeof createTurnRunner>;

function leftUnfinished(): AppError {
  return new AppError('turn_interrupted', 'The server stopped while it was writing this answer. Ask again.');
}

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
