import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { crashPoints } from '../../src/server/crash-points.ts';
import { type ModelServer, startModelServer } from '../model-server/start-model-server.ts';
import { crashAndRecover } from './crash-scenarios.ts';
import { type PreparedData, prepareData } from './prepare-data.ts';
import { findFreePort } from './start-server.ts';

let data: PreparedData;
let model: ModelServer;
let port: number;

beforeAll(async () => {
  data = await prepareData();
  model = await startModelServer();
  await model.control({ pace: { firstTokenMs: 5, tokenMs: 10 } });
  port = await findFreePort();
});
afterAll(async () => {
  await model.close();
  data.remove();
});

describe('a server that is killed at a crash point', () => {
  it.each(crashPoints)('should keep every promise after a restart: %s', async (point) => {
    const settings = { OPENAI_BASE_URL: model.baseUrl, OPENAI_API_KEY: 'sk-test' };
    expect(await crashAndRecover({ point, data, port, settings })).toEqual([]);
  });
});
