import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { crashAndRecover } from './crash-scenarios.ts';
import { endsOf, messageOfReading, readConnection, startReading, textOfReading } from './follow-turn.ts';
import { type PreparedData, prepareData } from './prepare-data.ts';
import { findFreePort, startServer } from './start-server.ts';
import { findFaults } from './check-data.ts';

let data: PreparedData;

beforeAll(async () => {
  data = await prepareData(2);
});
afterAll(() => data.remove());

describe('a real server', () => {
  it.each(['turn-ending', 'ingest-committed'] as const)(
    'should keep every promise when it is killed at %s',
    async (point) => {
      const port = await findFreePort();
      expect(await crashAndRecover({ point, data, port, settings: {} })).toEqual([]);
    },
  );

  it('should give a reader that is cut after every event the same text and one end', async () => {
    const dataFolder = data.copy('cut');
    const server = await startServer({ dataFolder, port: await findFreePort() });
    const reading = startReading();
    const question = { content: 'How do beginners begin to meditate?' };
    const target = { address: server.address, token: data.token, question, maximumEvents: 1 };
    while (!(await readConnection(reading, target)));
    expect(endsOf(reading)).toHaveLength(1);
    expect(textOfReading(reading)).toBe(messageOfReading(reading).content);
    await server.kill('SIGTERM');
    expect(await findFaults(dataFolder)).toEqual([]);
  });
});
