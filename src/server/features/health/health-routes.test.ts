import { describe, expect, it } from 'vitest';

import { buildTestApp } from '../../../../test/build-app.ts';
import { type ComponentState, type Probe, registerHealth } from './health-routes.ts';

async function healthOf(probes: Record<string, Probe>, isReady = true) {
  const { app } = await buildTestApp({
    register: (http) =>
      registerHealth(http, {
        version: '1',
        environment: 'test',
        now: () => new Date('2026-01-01T00:00:00Z'),
        probes,
        isReady: () => isReady,
      }),
  });
  return {
    health: () => app.inject('/health'),
    readiness: () => app.inject('/readiness'),
    liveness: () => app.inject('/liveness'),
  };
}
const fine = (): ComponentState => 'operational';

describe('GET /health', () => {
  it.each([
    [fine, fine, 200, 'healthy'],
    [fine, () => 'degraded', 200, 'degraded'],
    [fine, () => 'down', 200, 'degraded'],
    [
      fine,
      () => {
        throw new Error('broken');
      },
      200,
      'degraded',
    ],
    [() => Promise.reject(new Error('no disk')), fine, 503, 'unhealthy'],
  ] satisfies [Probe, Probe, number, string][])(
    'should sum up what the probes say',
    async (...[database, jobs, status, expected]) => {
      const { health } = await healthOf({ database, jobs });
      const response = await health();
      expect(response.statusCode).toBe(status);
      expect(response.json()).toMatchObject({ status: expected, version: '1', environment: 'test' });
      expect(Object.keys(response.json<{ components: object }>().components)).toEqual(['database', 'jobs']);
      expect(response.body).not.toContain('no disk');
    },
  );

  it('should answer though a probe hangs, and call that part down', async () => {
    const { health } = await healthOf({ database: fine, jobs: () => new Promise(() => undefined) });
    const response = await health();
    expect(response.json()).toMatchObject({ status: 'degraded', components: { jobs: 'down' } });
  });
});

describe('GET /readiness and /liveness', () => {
  it('should tell apart a server that is leaving from one that is dead', async () => {
    const ready = await healthOf({});
    expect((await ready.readiness()).statusCode).toBe(200);
    const leaving = await healthOf({}, false);
    expect((await leaving.readiness()).statusCode).toBe(503);
    expect((await leaving.liveness()).statusCode).toBe(200);
  });
});
