import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await openTestServer();
});
afterAll(async () => server.close());

describe('an Idempotency-Key whose chat was deleted', () => {
  it('should ask anew instead of failing', async () => {
    const { headers } = await server.signIn('user');
    const ask = () =>
      server.app.inject({
        method: 'POST',
        url: '/api/v1/chat/chat',
        headers: { ...headers, 'idempotency-key': 'once' },
        payload: { content: 'How do I brew tea?' },
      });
    const { chat_id: chatId } = (await ask()).json<{ chat_id: number }>();
    await server.app.inject({ method: 'DELETE', url: `/api/v1/chats/${chatId}`, headers });
    const again = await ask();
    expect(again.statusCode).toBe(200);
    expect((await ask()).json<{ id: number }>().id).toBe(again.json<{ id: number }>().id);
  });
});
