import { z } from 'zod';

import { problemResponses } from '../../http/add-openapi.ts';
import type { App } from '../../http/http-app.ts';

export type ComponentState = 'operational' | 'degraded' | 'down';

/** Looks at one part of the server; may hang, so that its time is bounded here. */
export type Probe = () => Promise<ComponentState> | ComponentState;

const PROBE_MS = 800;
const stateSchema = z.enum(['operational', 'degraded', 'down']);
const healthSchema = z.object({
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
  version: z.string(),
  environment: z.string(),
  timestamp: z.string(),
  components: z.record(z.string(), stateSchema),
});

/**
 * /health by component (503 only when the database is down, always within a second), /readiness (503 while starting
 * or draining) and /liveness (the event loop turns).
 */
export function registerHealth(
  app: App,
  dependencies: {
    version: string;
    environment: string;
    now: () => Date;
    probes: Readonly<Record<string, Probe>>;
    isReady: () => boolean;
  },
): void {
  const { version, environment, now, probes, isReady } = dependencies;
  const config = { servesWhileDraining: true };
  const stateAnswer = z.object({ status: z.string() });

  app.get(
    '/health',
    {
      config,
      schema: {
        tags: ['health'],
        summary: 'Health by component',
        response: { 200: healthSchema, 503: healthSchema },
      },
    },
    async (_request, reply) => {
      const names = Object.keys(probes);
      const states = await Promise.all(Object.values(probes).map(bounded));
      const components = Object.fromEntries(
        names.map((name, position) => [name, states[position] ?? 'down']),
      );
      const isDown = components['database'] === 'down';
      const isWhole = states.every((state) => state === 'operational');
      const status = isDown ? ('unhealthy' as const) : isWhole ? ('healthy' as const) : ('degraded' as const);
      return reply
        .code(isDown ? 503 : 200)
        .send({ status, version, environment, timestamp: now().toISOString(), components });
    },
  );
  app.get(
    '/readiness',
    {
      config,
      schema: {
        tags: ['health'],
        summary: 'Whether requests are taken',
        response: { 200: stateAnswer, 503: stateAnswer, ...problemResponses },
      },
    },
    async (_request, reply) =>
      isReady() ? { status: 'ready' } : reply.code(503).send({ status: 'not ready' }),
  );
  app.get(
    '/liveness',
    {
      config,
      schema: { tags: ['health'], summary: 'Whether the process is alive', response: { 200: stateAnswer } },
    },
    async () => ({ status: 'alive' }),
  );
}

async function bounded(probe: Probe): Promise<ComponentState> {
  const { promise: late, resolve } = Promise.withResolvers<ComponentState>();
  const timer = setTimeout(() => resolve('down'), PROBE_MS);
  try {
    return await Promise.race([probe(), late]);
  } catch {
    // A probe that throws is the answer: that part is down.
    return 'down';
  } finally {
    clearTimeout(timer);
  }
}
