import { describe, expect, it, onTestFinished } from 'vitest';

import { createGate } from '../../../../test/create-gate.ts';
import { buildOutcome, openTurnStore } from '../../../../test/open-turn-store.ts';
import { isTerminal, type TurnEvent } from '../../../shared/turn-events.ts';
import { AppError } from '../../errors.ts';
import type { Persona } from '../../pipeline/persona.ts';
import type { TurnInput, TurnOutcome, TurnStream } from '../../pipeline/turn.ts';
import { createTurnRunner, type TurnRunnerOptions } from './turn-runner.ts';

const persona = { id: 'tester', version: 'v' } as Persona;
const never = new AbortController().signal;

/** A turn that says `texts`, each when its gate opens, and ends as its signal wants. */
function createSteps(texts: readonly string[]) {
  const gates = texts.map(() => createGate());
  const last = createGate();
  async function* runTurn(input: TurnInput): TurnStream {
    let content = '';
    const aborted = new Promise<void>((resolve) =>
      input.signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    const end = (status: TurnOutcome['status']) => buildOutcome({ status, content });
    for (const [position, text] of texts.entries()) {
      await Promise.race([gates[position]?.opened, aborted]);
      if (input.signal.aborted) return end(input.signal.reason === 'stopped' ? 'stopped' : 'interrupted');
      content += text;
      yield { type: 'answer-delta', text };
    }
    await Promise.race([last.opened, aborted]);
    if (input.signal.aborted) return end(input.signal.reason === 'stopped' ? 'stopped' : 'interrupted');
    return end('complete');
  }
  const openAll = () => {
    for (const gate of [...gates, last]) gate.open();
  };
  return { runTurn, gates, last, openAll };
}

async function openRunner(options: Partial<TurnRunnerOptions> & Pick<TurnRunnerOptions, 'runTurn'>) {
  const fixture = await openTurnStore();
  const errors: unknown[] = [];
  const runner = createTurnRunner({
    store: fixture.turns,
    now: fixture.clock.now,
    maximumTurns: 4,
    flushMs: 1,
    renewMs: 1_000_000,
    followMs: 1,
    onError: (error) => errors.push(error),
    ...options,
  });
  onTestFinished(() => runner.shutDown(0));
  const launch = async () => {
    await runner.takePlace();
    const started = await fixture.turns.start(fixture.start);
    runner.launch(started, { userId: fixture.anna, persona, question: 'Q?', history: [], namespaces: [] });
    return started;
  };
  return { ...fixture, runner, errors, launch };
}

async function collect(events: AsyncIterable<TurnEvent>): Promise<TurnEvent[]> {
  const all: TurnEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}
const textOf = (events: readonly TurnEvent[]) =>
  events.map((event) => (event.type === 'answer-delta' ? event.text : '')).join('');

describe('createTurnRunner', () => {
  it('should show the end only when it is committed, and the same events from memory and database', async () => {
    const steps = createSteps(['one ', 'two']);
    const { runner, launch, turns, chats } = await openRunner(steps);
    const started = await launch();
    const live = collect(runner.follow(started.turnId, 0, never));
    steps.openAll();
    const events = await live;
    expect((await turns.find(started.turnId))?.status).toBe('ended');
    expect(events.map((event) => event.type)).toEqual([
      'turn-start',
      'answer-delta',
      'answer-delta',
      'turn-end',
    ]);
    expect(await turns.eventsAfter(started.turnId, 0)).toEqual(events);
    for (const { sequence } of events)
      expect(await collect(runner.follow(started.turnId, sequence, never))).toEqual(events.slice(sequence));
    expect((await chats.listMessages(started.chatId))[1]).toMatchObject({ content: 'one two' });
  });

  it('should go on when every reader leaves', async () => {
    const steps = createSteps(['one']);
    const { runner, launch } = await openRunner(steps);
    const started = await launch();
    const reader = new AbortController();
    const reading = collect(runner.follow(started.turnId, 0, reader.signal));
    reader.abort();
    await reading;
    expect(runner.isRunningHere(started.turnId)).toBe(true);
    steps.openAll();
    expect((await collect(runner.follow(started.turnId, 0, never))).at(-1)?.type).toBe('turn-end');
  });

  it('should stop a turn with its text so far', async () => {
    const steps = createSteps(['kept', 'never said']);
    const { runner, launch, chats } = await openRunner(steps);
    const started = await launch();
    steps.gates[0]?.open();
    for await (const event of runner.follow(started.turnId, 0, never)) {
      if (event.type === 'answer-delta') expect(await runner.stop(started.turnId)).toBe(true);
    }
    expect((await chats.listMessages(started.chatId))[1]).toMatchObject({
      content: 'kept',
      status: 'stopped',
    });
    expect(await runner.stop(started.turnId)).toBe(false);
  });

  it('should keep every word when the database fails for a while', async () => {
    const steps = createSteps(['one ', 'two ', 'three']);
    const fixture = await openTurnStore();
    let failures = 2;
    const failed = createGate();
    const errors: unknown[] = [];
    const runner = createTurnRunner({
      store: {
        ...fixture.turns,
        appendEvents: async (batches) => {
          if (failures === 0) return fixture.turns.appendEvents(batches);
          failures -= 1;
          if (failures === 0) failed.open();
          throw new Error('disk is full');
        },
      },
      runTurn: steps.runTurn,
      now: fixture.clock.now,
      maximumTurns: 1,
      flushMs: 1,
      onError: (error) => errors.push(error),
    });
    await runner.takePlace();
    const started = await fixture.turns.start(fixture.start);
    const input = { userId: fixture.anna, persona, question: 'Q?', history: [], namespaces: [] };
    runner.launch(started, input);
    steps.gates[0]?.open();
    await failed.opened;
    steps.openAll();
    const live = await collect(runner.follow(started.turnId, 0, never));
    const stored = await fixture.turns.eventsAfter(started.turnId, 0);
    expect(stored).toEqual(live);
    expect(textOf(stored)).toBe('one two three');
    expect(errors).toHaveLength(2);
  });

  it('should end a turn that throws with what it had said', async () => {
    const { runner, launch, errors } = await openRunner({
      runTurn: async function* broken(): TurnStream {
        yield { type: 'answer-delta', text: 'half' };
        throw new TypeError('a bug');
      },
    });
    const events = await collect(runner.follow((await launch()).turnId, 0, never));
    expect(events.at(-1)).toMatchObject({
      type: 'turn-error',
      problem: { code: 'internal' },
      message: { status: 'failed', content: 'half' },
    });
    expect(JSON.stringify(events)).not.toContain('a bug');
    expect(errors).toHaveLength(1);
  });

  it('should tell a known error as it is', async () => {
    const { runner, launch } = await openRunner({
      runTurn: async function* unavailable(): TurnStream {
        yield { type: 'answer-delta', text: '' };
        throw new AppError('model_unavailable', 'No model answers.');
      },
    });
    const events = await collect(runner.follow((await launch()).turnId, 0, never));
    expect(events.at(-1)).toMatchObject({ problem: { code: 'model_unavailable', status: 503 } });
  });

  it('should end what is left at shutdown as interrupted, with the text and the reason', async () => {
    const steps = createSteps(['said ', 'never said']);
    const { runner, launch, chats } = await openRunner(steps);
    const started = await launch();
    steps.gates[0]?.open();
    const live = collect(runner.follow(started.turnId, 0, never));
    for await (const event of runner.follow(started.turnId, 0, never))
      if (event.type === 'answer-delta') break;
    await runner.shutDown(0);
    expect((await live).at(-1)).toMatchObject({
      type: 'turn-error',
      problem: { code: 'turn_interrupted', status: 503 },
      message: { status: 'interrupted', content: 'said ' },
    });
    expect((await chats.listMessages(started.chatId))[1]).toMatchObject({ status: 'interrupted' });
    await expect(runner.takePlace()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('should let turns finish within the grace of a shutdown', async () => {
    const steps = createSteps(['whole']);
    const { runner, launch } = await openRunner(steps);
    const started = await launch();
    const live = collect(runner.follow(started.turnId, 0, never));
    const leaving = runner.shutDown(60_000);
    steps.openAll();
    await leaving;
    expect((await live).at(-1)).toMatchObject({ type: 'turn-end', message: { content: 'whole' } });
  });

  it('should end a turn of a dead process with the words that were committed', async () => {
    const steps = createSteps(['committed ', 'more']);
    const { runner, launch, storeOf, clock, turns } = await openRunner(steps);
    const started = await launch();
    steps.gates[0]?.open();
    while ((await turns.eventsAfter(started.turnId, 1)).length === 0)
      await new Promise((resolve) => setImmediate(resolve));
    const second = createTurnRunner({
      store: storeOf('second'),
      runTurn: steps.runTurn,
      now: clock.now,
      maximumTurns: 1,
      followMs: 1,
      onError: () => undefined,
    });
    expect(await second.reap(false)).toBe(0);
    clock.advance(15_001);
    const followed = collect(second.follow(started.turnId, 0, never));
    expect(await second.reap(false)).toBe(1);
    expect(await second.reap(false)).toBe(0);
    // The first process was only slow: what it still says goes nowhere, and its readers get the end that was stored.
    const live = collect(runner.follow(started.turnId, 0, never));
    steps.openAll();
    const events = await followed;
    expect(events.at(-1)).toMatchObject({
      type: 'turn-error',
      problem: { code: 'turn_interrupted' },
      message: { content: 'committed ' },
    });
    expect((await live).filter(isTerminal)).toEqual(events.filter(isTerminal));
    expect(await turns.eventsAfter(started.turnId, 0)).toEqual(events);
  });

  it('should let turns wait for a place, and turn away what is too many', async () => {
    const steps = createSteps([]);
    const { runner, launch } = await openRunner({ ...steps, maximumTurns: 1 });
    await launch();
    const second = launch();
    await expect(runner.takePlace()).rejects.toMatchObject({ code: 'overloaded', status: 503 });
    expect(runner.statistics()).toEqual({ running: 1, waiting: 1 });
    steps.openAll();
    await collect(runner.follow((await second).turnId, 0, never));
    await runner.shutDown(60_000);
    expect(runner.statistics()).toEqual({ running: 0, waiting: 0 });
  });

  it('should turn waiting turns away when they waited too long, and at shutdown', async () => {
    const steps = createSteps([]);
    const { runner, launch } = await openRunner({ ...steps, maximumTurns: 1, queueMs: 1 });
    await launch();
    await expect(runner.takePlace()).rejects.toMatchObject({ code: 'overloaded' });
    const other = await openRunner({ ...steps, maximumTurns: 1, queueMs: 60_000 });
    await other.launch();
    const waiting = other.runner.takePlace();
    const turnedAway = expect(waiting).rejects.toMatchObject({ code: 'unavailable' });
    await other.runner.shutDown(0);
    await turnedAway;
  });
});
