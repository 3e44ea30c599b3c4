import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { buildTestApp, type TestApp } from '../../../test/build-app.ts';
import { buildUser, cookieHeaders } from '../../../test/factories.ts';
import { problemSchema } from '../../shared/problem.ts';
import { AppError } from '../errors.ts';
import type { App } from './http-app.ts';
import { problemResponses } from './add-openapi.ts';
import { parseJson } from './parse-bodies.ts';

const bodySchema = z.object({ content: z.string().min(3), limit: z.int().max(5).optional() });

function register(app: App): void {
  app.post(
    '/api/v1/chat',
    { schema: { summary: 'Echo', body: bodySchema, response: { 200: bodySchema, ...problemResponses } } },
    async (request) => request.body,
  );
  app.post('/api/v1/documents/upload', { config: { acceptsMultipart: true } }, async (request) => {
    const file = await request.file();
    return { sizeBytes: (await file?.toBuffer())?.length };
  });
  app.get('/api/v1/documents/:id', async () => {
    throw new Error('canary-internal-detail');
  });
  app.get('/api/v1/jobs', async () => {
    throw new AppError('overloaded', 'Busy.', { retryAfterSeconds: 7 });
  });
}

async function post({ app }: TestApp, payload: string | Buffer, headers: Record<string, string> = {}) {
  return app.inject({ method: 'POST', url: '/api/v1/chat', payload, headers });
}

describe('createHttpApp: bodies', () => {
  it.each([
    [undefined],
    ['application/json'],
    ['application/x-www-form-urlencoded'],
    ['text/plain'],
    ['a/b'],
  ])('should read a JSON object sent as %s', async (type) => {
    const test = await buildTestApp({ register });
    const response = await post(
      test,
      '{"content":"hello"}',
      type === undefined ? {} : { 'content-type': type },
    );
    expect(response.json()).toEqual({ content: 'hello' });
  });

  it.each([
    [400, '{"content":', 'application/json'],
    [400, '{"content":"hello"', 'application/x-www-form-urlencoded'],
    [400, '{"__proto__":{"x":1},"content":"hello"}', 'application/json'],
    [400, `${'['.repeat(33)}${']'.repeat(33)}`, 'application/json'],
    [400, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'application/json'],
    [415, 'hello', 'text/plain'],
    [415, '<a/>', 'application/xml'],
    [415, '--x\r\n\r\n--x--', 'multipart/form-data; boundary=x'],
    [422, '', 'application/json'],
    [422, '[]', 'application/json'],
    [422, 'null', 'application/json'],
    [422, '{"content":5}', 'application/json'],
    [422, '{"content":"hello","limit":"x"}', 'application/json'],
    [413, `{"content":"${'x'.repeat(1_048_577)}"}`, 'application/json'],
  ])('should answer %i to %s as %s', async (status, payload, type) => {
    const test = await buildTestApp({ register });
    const response = await post(test, payload, { 'content-type': type });
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(problemSchema.parse(response.json())).toMatchObject({
      status,
      request_id: response.headers['x-request-id'],
    });
  });

  it('should say what is wrong with each field in words', async () => {
    const test = await buildTestApp({ register });
    const response = await post(test, '{"content":"x","limit":9}', { 'content-type': 'application/json' });
    expect(response.json().errors).toEqual([
      { path: 'content', message: 'must have at least 3 characters' },
      { path: 'limit', message: 'must be at most 5' },
    ]);
    expect((await post(test, '{}')).json().errors).toEqual([{ path: 'content', message: 'is required' }]);
  });

  it('should take JSON only from a browser session', async () => {
    const test = await buildTestApp({ register });
    const { session } = await buildUser(test);
    const send = (type: string) =>
      post(test, '{"content":"hello"}', { ...cookieHeaders(session), 'content-type': type });
    expect((await send('application/x-www-form-urlencoded')).statusCode).toBe(415);
    expect((await send('text/plain')).statusCode).toBe(415);
    expect((await send('application/json; charset=utf-8')).statusCode).toBe(200);
  });

  it('should take a file of 10 MB and refuse a larger one', async () => {
    const test = await buildTestApp({ register });
    const { headers } = await buildUser(test, { role: 'curator' });
    const upload = (sizeBytes: number) => {
      const start = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n';
      const payload = Buffer.concat([
        Buffer.from(start),
        Buffer.alloc(sizeBytes, 97),
        Buffer.from('\r\n--x--\r\n'),
      ]);
      return test.app.inject({
        method: 'POST',
        url: '/api/v1/documents/upload',
        payload,
        headers: { ...headers, 'content-type': 'multipart/form-data; boundary=x' },
      });
    };
    expect((await upload(10 * 1_048_576)).json()).toEqual({ sizeBytes: 10 * 1_048_576 });
    expect((await upload(10 * 1_048_576 + 1)).statusCode).toBe(413);
  });

  it('should parse whatever JSON.parse parses, up to 32 levels', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        fc.pre(!text.includes('__proto__'));
        expect(parseJson(Buffer.from(text))).toEqual(JSON.parse(text));
      }),
    );
    const brackets = '[{"a":"]]}}\\"[["}]';
    expect(parseJson(Buffer.from(brackets))).toEqual(JSON.parse(brackets));
  });
});

describe('createHttpApp: answers', () => {
  it('should answer 404 and 405, and take a slash at the end', async () => {
    const { app } = await buildTestApp({ register });
    expect((await app.inject({ url: '/api/v1/nothing' })).json().code).toBe('not_found');
    const wrong = await app.inject({ method: 'PUT', url: '/api/v1/chat/' });
    expect(wrong.statusCode).toBe(405);
    expect(wrong.headers['allow']).toBe('POST');
    const slash = await app.inject({ method: 'POST', url: '/api/v1/chat/', payload: { content: 'hello' } });
    expect(slash.statusCode).toBe(200);
  });

  it('should answer 400 to a broken or endless address', async () => {
    const { app } = await buildTestApp({ register });
    for (const url of ['/%zz', `/?q=${'x'.repeat(9_000)}`]) {
      const response = await app.inject({ url });
      expect(response.statusCode).toBe(400);
      expect(problemSchema.parse(response.json()).request_id).toBe(response.headers['x-request-id']);
    }
  });

  it('should keep unknown errors out of the answer and put them into the log', async () => {
    const { app, logLines } = await buildTestApp({ register });
    const response = await app.inject({ url: '/api/v1/documents/1' });
    expect(response.statusCode).toBe(500);
    expect(response.body).not.toContain('canary');
    const line = logLines.find((text) => text.includes('canary-internal-detail')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({
      level: 'error',
      request_id: response.headers['x-request-id'],
      err: { stack: expect.stringContaining('create-http-app.test.ts') as unknown },
    });
  });

  it('should pass Retry-After on', async () => {
    const test = await buildTestApp({ register });
    const { headers } = await buildUser(test, { role: 'curator' });
    const response = await test.app.inject({ url: '/api/v1/jobs', headers });
    expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '7']);
  });

  it('should keep a sane request id and replace any other', async () => {
    const { app } = await buildTestApp({ register });
    const idOf = async (id: string) =>
      (await app.inject({ url: '/nothing', headers: { 'x-request-id': id } })).headers['x-request-id'];
    expect(await idOf('trace-1.2:3')).toBe('trace-1.2:3');
    for (const id of ['', 'a b', '<script>', 'x'.repeat(101)])
      expect(await idOf(id)).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('should send strict headers with every answer', async () => {
    const { app } = await buildTestApp({ register });
    for (const url of ['/nothing', '/docs', '/openapi.json']) {
      const { headers } = await app.inject({ url });
      expect(headers['content-security-policy']).toContain("default-src 'self'");
      expect(headers['content-security-policy']).not.toMatch(/unsafe-(inline|eval)|https?:|\*/);
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });

  it('should allow listed origins only', async () => {
    const { app } = await buildTestApp({ register, env: { CORS_ORIGINS: '["https://good.example"]' } });
    const allowed = async (origin: string) => {
      const headers = { origin, 'access-control-request-method': 'POST' };
      const response = await app.inject({ method: 'OPTIONS', url: '/api/v1/chat', headers });
      return response.headers['access-control-allow-origin'];
    };
    expect(await allowed('https://good.example')).toBe('https://good.example');
    expect(await allowed('https://good.example.evil.example')).toBeUndefined();
  });

  it('should describe every route in OpenAPI 3.1 and show a page without inline script', async () => {
    const { app } = await buildTestApp({ register });
    const document = (await app.inject({ url: '/openapi.json' })).json() as {
      openapi: string;
      paths: Record<string, Record<string, { responses: object; summary?: string }>>;
    };
    expect(document.openapi).toBe('3.1.0');
    expect(document.paths['/api/v1/auth/token']?.['post']?.responses).toMatchObject({ '4XX': {}, '5XX': {} });
    const accountRoutes = Object.entries(document.paths).filter(([path]) => path.startsWith('/api/v1/auth'));
    for (const operation of accountRoutes.flatMap(([, methods]) => Object.values(methods))) {
      expect(operation.summary).toBeTypeOf('string');
    }
    const page = await app.inject({ url: '/docs' });
    expect(page.body).not.toMatch(/<script(?![^>]*src=)|<style|style=/);
    const script = /src="([^"]*initializer[^"]*)"/.exec(page.body)?.[1] ?? '';
    expect((await app.inject({ url: script })).statusCode).toBe(200);
  });

  it('should answer as a problem what is not even HTTP', async () => {
    const { app } = await buildTestApp({ register });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const send = (text: string) =>
      new Promise<string>((resolve, reject) => {
        let answer = '';
        const socket = connect(port, '127.0.0.1', () => socket.write(text));
        socket.on('data', (data) => (answer += data.toString()));
        socket.on('close', () => resolve(answer));
        socket.on('error', reject);
      });
    expect(await send('nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [\s\S]*"malformed_request"/);
    const long = await send(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(long).toContain('The headers are longer than 16 KB.');
  });
});

describe('createHttpApp: draining', () => {
  it('should finish what runs and turn away what comes later', async () => {
    const started = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const draining = Promise.withResolvers<void>();
    const { app } = await buildTestApp({
      register: (instance) => {
        instance.addHook('preClose', async () => draining.resolve());
        instance.get('/api/v1/personas', async () => {
          started.resolve();
          await released.promise;
          return 'finished';
        });
      },
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    const answer = new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (data) => (text += data.toString()));
      socket.on('close', () => resolve(text));
    });
    const request = 'GET /api/v1/personas HTTP/1.1\r\nHost: x\r\n\r\n';
    socket.write(request);
    await started.promise;
    const closed = app.close();
    await draining.promise;
    const late = new Promise<void>((resolve) => app.server.once('request', () => resolve()));
    socket.write(request);
    await late;
    released.resolve();
    expect(await answer).toMatch(/200 OK[\s\S]*finished[\s\S]*503 [\s\S]*retry-after: 5[\s\S]*"overloaded"/);
    await closed;
  });
});
