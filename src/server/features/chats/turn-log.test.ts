import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isTerminal, type TurnEvent, type TurnEventBody } from '../../../shared/turn-events.ts';
import { createTurnLog, type TurnLog } from './turn-log.ts';

const first: TurnEvent = {
  type: 'turn-start',
  turnId: 7,
  sequence: 1,
  chatId: 1,
  questionId: 6,
  answerId: 7,
  personaId: 'tester',
};
const terminal = { type: 'turn-end', message: { id: 7 } } as unknown as TurnEventBody;
const delta = (text: string): TurnEventBody => ({ type: 'answer-delta', text });
const never = new AbortController().signal;

async function readAll(log: TurnLog, after: number, signal = never): Promise<TurnEvent[]> {
  const events: TurnEvent[] = [];
  for await (const event of log.read(after, signal)) events.push(event);
  return events;
}

describe('createTurnLog', () => {
  it('should show every reader the same sequence from wherever it begins, with one terminal event', async () => {
    const scripts = fc.record({
      texts: fc.array(fc.string(), { maxLength: 12 }),
      readers: fc.array(fc.record({ joinsAt: fc.nat(13), after: fc.nat(14) }), {
        minLength: 1,
        maxLength: 5,
      }),
    });
    await fc.assert(
      fc.asyncProperty(scripts, async ({ texts, readers }) => {
        const log = createTurnLog(first);
        const bodies = [...texts.map(delta), terminal];
        const readings: Promise<{ after: number; events: TurnEvent[] }>[] = [];
        for (const [position, body] of bodies.entries()) {
          for (const { joinsAt, after } of readers) {
            // A reader cannot have seen more than there is.
            const seen = Math.min(after, position + 1);
            if (joinsAt === position)
              readings.push(readAll(log, seen).then((events) => ({ after: seen, events })));
          }
          await Promise.resolve();
          log.append(body);
        }
        const whole = await readAll(log, 0);
        expect(whole.map((event) => event.sequence)).toEqual(
          bodies.map((_, index) => index + 1).concat(bodies.length + 1),
        );
        expect(whole.filter(isTerminal)).toHaveLength(1);
        for (const { after, events } of await Promise.all(readings))
          expect(events).toEqual(whole.slice(after));
      }),
      { numRuns: 100 },
    );
  });

  it('should end a waiting reader when its signal aborts, and leave the others', async () => {
    const log = createTurnLog(first);
    const leaving = new AbortController();
    const left = readAll(log, 0, leaving.signal);
    const staying = readAll(log, 0);
    leaving.abort();
    expect(await left).toEqual([first]);
    log.append(delta('a'));
    log.append(terminal);
    expect(await staying).toHaveLength(3);
  });

  it('should end readers without a terminal event when it is closed', async () => {
    const log = createTurnLog(first);
    const reading = readAll(log, 0);
    log.append(delta('a'));
    log.close();
    expect((await reading).map((event) => event.type)).toEqual(['turn-start', 'answer-delta']);
  });

  it('should hand out unsaved events until they are marked as saved', () => {
    const log = createTurnLog(first);
    log.append(delta('a'));
    const taken = log.unsaved();
    expect(taken.map((event) => event.sequence)).toEqual([2]);
    log.append(delta('b'));
    expect(log.unsaved().map((event) => event.sequence)).toEqual([2, 3]);
    log.markSaved(2);
    expect(log.unsaved().map((event) => event.sequence)).toEqual([3]);
    log.markSaved(1);
    expect(log.unsaved().map((event) => event.sequence)).toEqual([3]);
  });
});
