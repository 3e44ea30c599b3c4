import * as fc from 'fast-check';
import { z } from 'zod';

import { type TestRole, testRoles, type TestServer } from './open-test-server.ts';
import { anyBody, anyParameter } from './generate-values.ts';
import { addressOf, type DescribedRoute, listRoutes } from './list-routes.ts';

/** One generated request. */
export type FuzzRequest = {
  route: DescribedRoute;
  role: TestRole;
  url: string;
  headers: Record<string, string>;
  payload: string | undefined;
};

const PROBLEM = 'application/problem+json';
/** What would show the inside of the program: a stack line, a path of ours, an SQL error. */
const INSIDE = /\\n\s+at \S+ \(|node_modules|src\/server\/|SQLITE_|SqliteError|ERR_[A-Z_]{4,}/;
const HANG_MS = 20_000;

/**
 * Sends generated requests to every described route in turn, as every role.
 * @param options.seed makes the same requests again
 * @returns a line for each answer that breaks a rule, with the request that made it
 */
export async function fuzzApi(
  server: TestServer,
  options: { count: number; seed: number },
): Promise<string[]> {
  const routes = await listRoutes(server);
  const perRoute = Math.ceil(options.count / routes.length);
  const faults: string[] = [];
  for (let round = 0; round < perRoute; round++) {
    for (const [index, route] of routes.entries()) {
      const [request] = fc.sample(requestTo(route), {
        numRuns: 1,
        seed: options.seed + round * 7_919 + index,
      });
      if (request) faults.push(...(await send(server, request)));
    }
  }
  return faults;
}

function requestTo(route: DescribedRoute): fc.Arbitrary<FuzzRequest> {
  const inPlace = (place: 'path' | 'query') =>
    fc.record(
      Object.fromEntries(
        route.parameters
          .filter((parameter) => parameter.in === place)
          .map(({ name, schema }) => [
            name,
            place === 'path' ? anyParameter(schema).map((value) => value || ' ') : anyParameter(schema),
          ]),
      ),
      place === 'query' ? { requiredKeys: [] } : {},
    );
  return fc
    .record({
      role: fc.constantFrom(...testRoles, 'admin' as const, 'curator' as const),
      path: inPlace('path'),
      query: inPlace('query'),
      body: anyBody(route.body),
      contentType: fc.constantFrom(
        'application/json',
        'application/json',
        'application/json',
        'text/plain',
        'multipart/form-data; boundary=x',
        'application/x-www-form-urlencoded',
      ),
      idempotencyKey: fc.option(fc.constantFrom('a', 'b', 'x'.repeat(300)), { freq: 5 }),
      range: fc.option(
        fc.constantFrom('bytes=0-10', 'bytes=5-', 'bytes=-3', 'bytes=9-1', 'bytes=99999-', 'lines=1-2'),
        { freq: 5 },
      ),
    })
    .map(({ role, path, query, body, contentType, idempotencyKey, range }): FuzzRequest => {
      const search = new URLSearchParams(query as Record<string, string>).toString();
      const hasBody = route.method !== 'GET' && route.method !== 'DELETE';
      return {
        route,
        role,
        url: `${addressOf(route, path as Record<string, string>)}${search === '' ? '' : `?${search}`}`,
        headers: {
          ...(hasBody ? { 'content-type': contentType } : {}),
          ...(idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey }),
          ...(range === null ? {} : { range }),
        },
        payload: hasBody ? payloadOf(body, contentType) : undefined,
      };
    });
}

function payloadOf(body: unknown, contentType: string): string {
  const json = JSON.stringify(body);
  if (!contentType.startsWith('multipart')) return json;
  const fields = Object.entries((body ?? {}) as Record<string, unknown>).map(
    ([name, value]) =>
      `--x\r\ncontent-disposition: form-data; name="${encodeURIComponent(name)}"\r\n\r\n${String(JSON.stringify(value))}\r\n`,
  );
  return `${fields.join('')}--x\r\ncontent-disposition: form-data; name="file"; filename="a.md"\r\n\r\n${json}\r\n--x--\r\n`;
}

async function send(server: TestServer, request: FuzzRequest): Promise<string[]> {
  const { route, role, url, headers, payload } = request;
  // What ends a person or a session is sent by someone whom the other requests do not need.
  const isEnding = route.method === 'DELETE' && /\/(me|sessions)$/.test(route.path);
  const caller = await server.signIn(role, isEnding ? 'leaving' : 'fuzz');
  const shown = `${route.method} ${url.slice(0, 200)} as ${role} ${JSON.stringify(headers)} ${payload?.slice(0, 300) ?? ''}`;
  const hang = new AbortController();
  const timer = setTimeout(() => hang.abort(), HANG_MS);
  try {
    const response = await server.app.inject({
      method: route.method,
      url,
      headers: { ...headers, ...caller.headers },
      signal: hang.signal,
      ...(payload === undefined ? {} : { payload }),
    });
    return judge(route, response).map((fault) => `${fault}\n    ${shown}`);
  } catch (error) {
    return [`no answer (${(error as Error).message})\n    ${shown}`];
  } finally {
    clearTimeout(timer);
  }
}

type Answer = {
  statusCode: number;
  body: string;
  headers: { 'content-type'?: string | undefined; [name: string]: unknown };
};

/** What is wrong with an answer, as far as the document and the rules of errors tell. */
export function judge(route: DescribedRoute, { statusCode, body, headers }: Answer): string[] {
  const mediaType = (headers['content-type'] ?? '').split(';')[0] ?? '';
  const faults: string[] = [];
  if (statusCode >= 500 && statusCode !== 503) faults.push(`${statusCode}: ${body.slice(0, 200)}`);
  if (headers['x-request-id'] === undefined) faults.push('no X-Request-Id');
  if (statusCode >= 400) {
    // The health routes answer 503 with their own document.
    if (route.path.startsWith('/api/') && statusCode !== 416 && mediaType !== PROBLEM)
      faults.push(`${statusCode} as ${mediaType}, not ${PROBLEM}`);
    if (INSIDE.test(body)) faults.push(`the inside shows: ${body.slice(0, 300)}`);
    if ((statusCode === 429 || statusCode === 503) && headers['retry-after'] === undefined)
      faults.push(`${statusCode} without Retry-After`);
  }
  if (statusCode === 204 || statusCode === 416 || body === '') return faults;
  const named = route.mediaTypesOf(statusCode);
  if (named.length > 0 && !named.includes(mediaType))
    faults.push(`${statusCode} as ${mediaType}; the document says ${named.join(', ')}`);
  const schema = route.responseOf(statusCode, mediaType);
  if (named.length === 0) faults.push(`${statusCode} is not in the document`);
  if (schema && mediaType.endsWith('json')) {
    const result = z.fromJSONSchema(schema).safeParse(JSON.parse(body));
    if (!result.success)
      faults.push(
        `${statusCode} does not fit its schema: ${JSON.stringify(result.error.issues.slice(0, 3))}`,
      );
  }
  return faults;
}
