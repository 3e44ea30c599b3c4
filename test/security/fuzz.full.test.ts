import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestServer, type TestServer } from './open-test-server.ts';
import { addKnowledge } from './add-knowledge.ts';
import { fuzzApi } from './fuzz-api.ts';

const COUNT = Number(process.env['WWHD_FUZZ_REQUESTS'] ?? 2_000);

let server: TestServer;

beforeAll(async () => {
  server = await openTestServer();
  await addKnowledge(server);
});
afterAll(async () => server.close());

describe(`${COUNT} generated requests`, () => {
  it.each([1, 2])('should never break the server with seed %i', async (seed) => {
    const faults = await fuzzApi(server, { count: COUNT / 2, seed: seed * 1_000_003 });
    expect([...new Set(faults)]).toEqual([]);
  });
});
