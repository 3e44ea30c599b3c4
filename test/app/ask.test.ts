import { describe, expect, it } from 'vitest';

import { buildWholeApp } from '../build-whole-app.ts';

describe('POST /api/v1/chat/chat', () => {
  it('should greet with the agent, real token counts and a response time', async () => {
    const { as } = await buildWholeApp();
    const response = await as('user').post('/api/v1/chat/chat', { content: 'Hello Tessa', chat_id: null });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ role: 'assistant', status: 'complete', agent_used: 'tea' });
  });
});
