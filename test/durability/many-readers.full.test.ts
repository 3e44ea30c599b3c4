import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ModelServer, startModelServer } from '../model-server/start-model-server.ts';
import { endsOf, readConnection, startReading, textOfReading } from './follow-turn.ts';
import { type PreparedData, prepareData } from './prepare-data.ts';
import { findFreePort, startServer } from './start-server.ts';

const READERS = 1_000;
const SILENT_READERS = 100;
/** A thousand connections that arrive at once leave some garbage too; about 180 KB each were measured. */
const MOST_MEGABYTES = 256;
let data: PreparedData;
let model: ModelServer;

beforeAll(async () => {
  data = await prepareData();
  model = await startModelServer();
});
afterAll(async () => {
  await model.close();
  data.remove();
});

function residentMegabytes(pid: number): number {
  const line = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) / 1024;
}

describe.skipIf(process.platform !== 'linux')('a thousand readers of a turn', () => {
  it('should all get the same, within bounded memory, though a tenth of them never reads', async () => {
    const port = await findFreePort();
    const server = await startServer({
      dataFolder: data.copy('readers'),
      port,
      settings: { OPENAI_BASE_URL: model.baseUrl, OPENAI_API_KEY: 'sk-test' },
    });
    const target = { address: server.address, token: data.token };
    await model.control({ pace: { tokenMs: 60 } });
    const first = startReading();
    let others: Promise<unknown> | undefined;
    const readings = Array.from({ length: READERS - SILENT_READERS }, () => startReading());
    const silent: ReturnType<typeof connect>[] = [];
    const before = residentMegabytes(server.pid);
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, residentMegabytes(server.pid))), 50);
    await readConnection(first, {
      ...target,
      question: { content: 'How do beginners begin to meditate?' },
      onEvent: () => {
        if (others) return;
        others = Promise.all(
          readings.map((reading) => {
            reading.turnId = first.turnId;
            return readConnection(reading, target);
          }),
        );
        for (let count = 0; count < SILENT_READERS; count += 1) {
          const socket = connect(port, '127.0.0.1').pause();
          socket.write(
            `GET /api/v1/chat/turns/${first.turnId}/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${data.token}\r\n\r\n`,
          );
          silent.push(socket);
        }
      },
    });
    await others;
    clearInterval(watch);
    for (const socket of silent) socket.destroy();
    expect(endsOf(first)).toHaveLength(1);
    for (const reading of readings) {
      expect(endsOf(reading)).toHaveLength(1);
      expect(textOfReading(reading)).toBe(textOfReading(first));
    }
    process.stdout.write(
      `readers: ${READERS} on one turn, ${SILENT_READERS} silent: ${Math.round(before)} MB before, ${Math.round(most)} MB at most\n`,
    );
    expect(most - before).toBeLessThan(MOST_MEGABYTES);
    await server.kill('SIGTERM');
  });
});
