import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestServer, type TestServer } from './open-test-server.ts';
import { fuzzApi, judge } from './fuzz-api.ts';
import { addKnowledge } from './add-knowledge.ts';
import { listRoutes } from './list-routes.ts';

let server: TestServer;

beforeAll(async () => {
  server = await openTestServer();
  await addKnowledge(server);
});
afterAll(async () => server.close());

describe('generated requests to every route', () => {
  it('should never break the server, hang it or show its inside', async () => {
    const faults = await fuzzApi(server, { count: 300, seed: 20_261_121 });
    expect([...new Set(faults)]).toEqual([]);
  });

  it('should be judged by rules that notice a fault', async () => {
    const route = (await listRoutes(server)).find(({ path }) => path === '/api/v1/personas');
    if (!route) throw new Error('the list of personas is gone');
    const headers = { 'content-type': 'application/json', 'x-request-id': '1' };
    const problem = { ...headers, 'content-type': 'application/problem+json' };
    expect(judge(route, { statusCode: 500, body: '{}', headers }).join()).toContain('500');
    expect(judge(route, { statusCode: 200, body: '{"wrong":1}', headers }).join()).toContain('schema');
    expect(
      judge(route, {
        statusCode: 200,
        body: '[]',
        headers: { ...headers, 'content-type': 'text/html' },
      }).join(),
    ).toContain('text/html');
    expect(
      judge(route, {
        statusCode: 400,
        body: '"x\\n    at f (a.ts)"',
        headers: problem,
      }).join(),
    ).toContain('inside');
  });
});
