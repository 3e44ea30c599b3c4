import { createAccountCalls } from './client/account-calls.ts';
import { createChatCalls } from './client/chat-calls.ts';
import { createTransport, type TransportOptions } from './client/create-transport.ts';
import { createKnowledgeCalls } from './client/knowledge-calls.ts';
import type { PersonaCard } from './personas.ts';

export type ApiClientOptions = TransportOptions;

/** The answer of `GET /health`. */
export type Health = {
  status: 'healthy' | 'degraded' | 'unhealthy';
  version: string;
  environment: string;
  timestamp: string;
  components: Record<string, 'operational' | 'degraded' | 'down'>;
};

export type ApiClient = ReturnType<typeof createApiClient>;

/**
 * A typed client of one server, for browsers and Node; it needs `fetch` only. Every call rejects with an `ApiError`
 * that carries the fields of the server's problem document, or `unreachable` and `timeout` when no answer came.
 * @example
 * const client = createApiClient({ baseUrl: 'http://127.0.0.1:8000', token });
 * for await (const { frame } of client.streamAsk({ content: 'How do I begin to meditate?' })) {
 *   if (frame.type === 'token') process.stdout.write(frame.content);
 * }
 */
export function createApiClient(options: ApiClientOptions) {
  const transport = createTransport(options);
  return {
    auth: createAccountCalls(transport),
    ...createChatCalls(transport),
    ...createKnowledgeCalls(transport),
    listPersonas: () => transport.send<PersonaCard[]>({ path: '/personas' }),
    getPersona: (personaId: string) =>
      transport.send<PersonaCard>({ path: `/personas/${encodeURIComponent(personaId)}` }),
    /** Healthy or degraded; an unhealthy server answers 503 and rejects. */
    health: (limits: { timeoutMs?: number } = {}) =>
      transport.send<Health>({ path: '//health', timeoutMs: limits.timeoutMs }),
  };
}
