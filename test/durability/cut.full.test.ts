import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ModelServer, startModelServer } from '../model-server/start-model-server.ts';
import { findFaults } from './check-data.ts';
import { endsOf, readConnection, startReading, textOfReading } from './follow-turn.ts';
import { type PreparedData, prepareData } from './prepare-data.ts';
import { findFreePort, startServer } from './start-server.ts';

const question = { content: 'How do beginners begin to meditate?' };
let data: PreparedData;
let model: ModelServer;
let port: number;
let settings: Record<string, string>;

beforeAll(async () => {
  data = await prepareData();
  model = await startModelServer();
  await model.control({ pace: { tokenMs: 10 } });
  port = await findFreePort();
  settings = { OPENAI_BASE_URL: model.baseUrl, OPENAI_API_KEY: 'sk-test' };
});
afterAll(async () => {
  await model.close();
  data.remove();
});

const messageOf = (frame: { data: Record<string, unknown> } | undefined) =>
  (frame?.data['type'] === 'done' ? frame.data['message'] : frame?.data['answer']) as {
    content: string;
    status: string;
  };

describe('a reader whose connection is cut after every event', () => {
  it('should get the same text and one end from the same server', async () => {
    const dataFolder = data.copy('cut');
    const server = await startServer({ dataFolder, port, settings });
    const target = { address: server.address, token: data.token, question };
    const whole = startReading();
    await readConnection(whole, target);
    expect(endsOf(whole)).toHaveLength(1);
    expect(whole.frames.length).toBeGreaterThan(10);
    for (const key of ['during', 'after']) {
      const pieces = startReading();
      // The same turn again, read in pieces after it has ended; and one that is read so while it is made.
      if (key === 'after') pieces.turnId = whole.turnId;
      let connections = 0;
      while (!(await readConnection(pieces, { ...target, maximumEvents: 1, idempotencyKey: key })))
        connections += 1;
      expect(connections).toBeGreaterThan(5);
      expect(endsOf(pieces)).toHaveLength(1);
      expect(textOfReading(pieces)).toBe(messageOf(endsOf(pieces)[0]).content);
      if (key === 'after') expect(pieces.frames).toEqual(whole.frames);
    }
    await server.kill('SIGTERM');
    expect(await findFaults(dataFolder)).toEqual([]);
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'should get the rest from a second server on the same data when the first one got %s at any event',
    async (signal) => {
      for (const events of [1, 2, 4, 9]) {
        const dataFolder = data.copy('second');
        const first = await startServer({ dataFolder, port, settings });
        const reading = startReading();
        let seen = 0;
        let ending: Promise<void> | undefined;
        await readConnection(reading, {
          address: first.address,
          token: data.token,
          question,
          onEvent: () => {
            seen += 1;
            if (seen === events) ending = first.kill(signal);
          },
        });
        await ending;
        const sent = textOfReading(reading);
        const second = await startServer({ dataFolder, port, settings });
        if (endsOf(reading).length === 0)
          await readConnection(reading, { address: second.address, token: data.token });
        expect(endsOf(reading)).toHaveLength(1);
        const message = messageOf(endsOf(reading)[0]);
        // A server that is told to stop lets the answer finish; one that is killed keeps what it had committed.
        if (signal === 'SIGTERM') expect(textOfReading(reading)).toBe(message.content);
        else expect(textOfReading(reading).startsWith(message.content)).toBe(true);
        expect(textOfReading(reading).startsWith(sent)).toBe(true);
        await second.kill('SIGTERM');
        expect(await findFaults(dataFolder)).toEqual([]);
      }
    },
  );
});
