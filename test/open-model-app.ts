import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { buildApp } from '../src/server/app.ts';
import { loadConfig } from '../src/server/config.ts';
import { createLogger } from '../src/server/http/create-logger.ts';
import type { Message } from '../src/shared/messages.ts';
import { buildGuest, buildUser } from './factories.ts';
import { type ModelServer, startModelServer } from './model-server/start-model-server.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Headers = { authorization?: string };

export type ModelApp = Awaited<ReturnType<typeof openModelApp>>;

/**
 * The whole server with the sample knowledge in a folder of its own, and the model server as its language model.
 * @param options.env settings by the names of their environment variables
 */
export async function openModelApp(options: { env?: Record<string, string> } = {}) {
  const server: ModelServer = await startModelServer();
  const folder = mkdtempSync(join(tmpdir(), 'wwhd-model-app-'));
  const config = loadConfig({
    env: {
      APP_ENV: 'test',
      DATA_DIR: folder,
      JWT_SECRET: '6f1d'.repeat(16),
      RATE_LIMIT_PER_MINUTE: '10000',
      GUEST_RATE_LIMIT_PER_MINUTE: '10000',
      OPENAI_BASE_URL: server.baseUrl,
      OPENAI_API_KEY: 'sk-test-1234567890',
      ...options.env,
    },
    baseFolder: folder,
  });
  const logLines: string[] = [];
  const logger = createLogger({
    level: 'trace',
    isPretty: false,
    destination: { write: (line) => void logLines.push(line) },
  });
  const opened = await buildApp({ config, logger, isServer: true });
  await opened.loadSample();
  await opened.whenIngested();

  const send = (method: Method, url: string, request: { headers?: Headers; body?: object } = {}) =>
    opened.app.inject({
      method,
      url: `/api/v1${url}`,
      headers: request.headers ?? {},
      ...(request.body ? { payload: request.body } : {}),
    });

  return {
    ...opened,
    server,
    logLines,
    send,
    signUp: (role: 'user' | 'curator' | 'admin' = 'user') => buildUser(opened, { role }),
    enter: () => buildGuest(opened),
    /** Asks with a script of what the model replies to its next calls. */
    async ask(
      question: { content: string; chat_id?: number },
      asker: { headers: Headers; replies?: string[] },
    ) {
      const { headers, replies = [] } = asker;
      await server.control({ replies, faults: [] });
      return (await send('POST', '/chat/chat', { headers, body: question })).json<Message>();
    },
    /** What the model was asked since the last question, one list of messages a call. */
    async prompts(): Promise<{ role: string; content: string }[][]> {
      const requests = await server.requests();
      return requests.map(({ body }) => body['messages'] as { role: string; content: string }[]);
    },
    async end(): Promise<void> {
      await opened.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
