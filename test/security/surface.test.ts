import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createScriptedLanguageModel } from '../../src/server/models/scripted-language-model.ts';
import { addKnowledge } from './add-knowledge.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const CANARY = 'canary-7f3a';

let server: TestServer;
let curator: Record<string, string>;
let listener: Server;
const fetched: string[] = [];

beforeAll(async () => {
  const model = createScriptedLanguageModel({ script: () => `Warm the pot first [1]. ${CANARY}-answer` });
  server = await openTestServer({
    env: { ALLOWED_HOSTS: 'chat.example.org, localhost', CORS_ORIGINS: '["https://app.example.org"]' },
    overrides: { languageModel: model },
  });
  await addKnowledge(server);
  curator = (await server.signIn('curator')).headers;
  listener = createServer((request, response) => {
    fetched.push(request.url ?? '');
    response.end();
  }).listen(0, '127.0.0.1');
});
afterAll(async () => {
  listener.close();
  await server.close();
});

const upload = (name: string, content: string | Buffer) => {
  const head = `--x\r\ncontent-disposition: form-data; name="namespace"\r\n\r\ngeneral\r\n--x\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\n\r\n`;
  return server.app.inject({
    method: 'POST',
    url: '/api/v1/documents/upload',
    headers: { ...curator, 'content-type': 'multipart/form-data; boundary=x' },
    payload: Buffer.concat([Buffer.from(head), Buffer.from(content), Buffer.from('\r\n--x--\r\n')]),
  });
};

describe('the Host header', () => {
  it.each([
    ['chat.example.org', 200],
    ['chat.example.org:8443', 200],
    ['CHAT.example.org', 200],
    ['evil.example', 400],
    ['chat.example.org.evil.example', 400],
    ['chat.example.org@evil.example', 400],
  ])('should answer %s with %i', async (host, status) => {
    const response = await server.app.inject({ url: '/api/v1/personas', headers: { host } });
    expect(response.statusCode).toBe(status);
  });

  it('should not matter to health checks, which ask by address', async () => {
    const response = await server.app.inject({ url: '/liveness', headers: { host: '10.0.0.7:8000' } });
    expect(response.statusCode).toBe(200);
  });
});

describe('headers', () => {
  it('should keep scripts and frames out of every answer', async () => {
    for (const url of ['/api/v1/personas', '/api/v1/nowhere', '/health', '/']) {
      const { headers } = await server.app.inject({ url });
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe-inline');
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });

  it('should let only listed origins read answers', async () => {
    const from = async (origin: string) =>
      (await server.app.inject({ url: '/api/v1/personas', headers: { origin } })).headers[
        'access-control-allow-origin'
      ];
    expect(await from('https://app.example.org')).toBe('https://app.example.org');
    expect(await from('https://app.example.org.evil.example')).toBeUndefined();
    expect(await from('null')).toBeUndefined();
  });
});

describe('names of uploaded files', () => {
  it.each(['../../../etc/passwd.md', '..\\..\\boot.md', '/etc/cron.d/evil.md', 'a\u0000b.md', '....//x.md'])(
    'should not lead out of the store: %j',
    async (name) => {
      const response = await upload(
        name,
        `# Note\n\nA quiet note that came under the name number ${name.length}.`,
      );
      if (response.statusCode === 400) return;
      expect(response.statusCode).toBe(200);
      const { file_name: stored, id } = response.json<{ file_name: string; id: number }>();
      expect(stored).not.toMatch(/[/\\\p{Cc}]/u);
      const file = await server.app.inject({ url: `/api/v1/documents/${id}/file`, headers: curator });
      expect(file.headers['content-disposition']).toMatch(/^attachment; filename\*=UTF-8''[\w.%~()'!*-]+$/);
      expect(file.headers['x-content-type-options']).toBe('nosniff');
    },
  );

  it('should not become headers', async () => {
    const response = await upload(
      'x%0d%0aset-cookie: a=1;.md',
      '# Note\n\nA note whose name would like to be a header.',
    );
    const { id } = response.json<{ id: number }>();
    const file = await server.app.inject({ url: `/api/v1/documents/${id}/file`, headers: curator });
    expect(file.headers['set-cookie']).toBeUndefined();
    expect(file.headers['content-disposition']).not.toMatch(/[\r\n;]\s*set-cookie/i);
  });
});

describe('limits of requests', () => {
  const ask = (payload: string | object, headers: Record<string, string> = {}) =>
    server.app.inject({
      method: 'POST',
      url: '/api/v1/documents/',
      headers: { ...curator, 'content-type': 'application/json', ...headers },
      payload,
    });

  it('should bound body, depth, address and header', async () => {
    expect((await ask(`{"content":"${'x'.repeat(1_100_000)}"}`)).statusCode).toBe(413);
    expect((await ask(`${'['.repeat(40)}${']'.repeat(40)}`)).statusCode).toBe(400);
    expect((await server.app.inject({ url: `/api/v1/personas?q=${'x'.repeat(9_000)}` })).statusCode).toBe(
      400,
    );
    expect((await upload('big.md', Buffer.alloc(10 * 1_048_576 + 1, 'a'))).statusCode).toBe(413);
  });

  it('should not expand entities or bombs', async () => {
    const laughs =
      '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><html><body><p>A calm page &b;</p></body></html>';
    const response = await upload('laughs.html', laughs);
    expect(response.statusCode).toBe(200);
    expect(response.body).not.toContain('haha');
    expect((await upload('bomb.docx', Buffer.from('PK\u0003\u0004nonsense'))).statusCode).toBeLessThan(500);
  });
});

describe("another person's answer", () => {
  it('should not be followed', async () => {
    const owner = await server.signIn('user', 'owner');
    const asked = await server.app.inject({
      method: 'POST',
      url: '/api/v1/chat/chat',
      headers: owner.headers,
      payload: { content: 'How do I brew tea?' },
    });
    const { id } = asked.json<{ id: number }>();
    for (const role of ['guest', 'user', 'curator', 'admin'] as const) {
      const { headers } = await server.signIn(role, 'listener');
      const events = await server.app.inject({ url: `/api/v1/chat/turns/${id}/events`, headers });
      expect(events.statusCode).toBe(404);
    }
  });
});

describe('what leaves the server', () => {
  it('should never be a call to an address in a document or a question', async () => {
    const address = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
    const added = await server.app.inject({
      method: 'POST',
      url: '/api/v1/documents/',
      headers: curator,
      payload: {
        namespace: 'general',
        title: 'Links',
        content: `# Links\n\nSee ![picture](${address}/image) and [page](${address}/page) about warm teapots.`,
        source_url: `${address}/source`,
        youtube_url: `${address}/video`,
      },
    });
    expect(added.statusCode).toBe(201);
    await server.app.inject({
      method: 'POST',
      url: '/api/v1/chat/chat',
      headers: curator,
      payload: { content: `Read ${address}/question and tell me how to warm teapots` },
    });
    expect(fetched).toEqual([]);
  });

  it('should not be a private word in the log', async () => {
    const content = `How do I warm the pot for oolong tea, ${CANARY}-question?`;
    const payload = { content };
    await server.app.inject({ method: 'POST', url: '/api/v1/chat/chat', headers: curator, payload });
    await server.app.inject({ url: `/api/v1/chats?q=${CANARY}-search`, headers: curator });
    await server.app.inject({
      method: 'POST',
      url: '/api/v1/auth/token',
      payload: { username: `${CANARY}-name`, password: `${CANARY}-password` },
    });
    await server.app.inject({ url: '/api/v1/me', headers: { authorization: `Bearer ${CANARY}-token` } });
    await upload(`${CANARY}-file.pdf`, `%PDF-1.4 ${CANARY}-content`);
    expect(server.logLines.length).toBeGreaterThan(10);
    expect(server.logLines.filter((line) => line.includes(CANARY))).toEqual([]);
    expect(server.logLines.join('\n')).not.toContain(curator['authorization']?.slice(7));
  });
});
