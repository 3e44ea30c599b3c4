import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { FaultName } from '../../../test/model-server/faults.ts';
import { type ModelServer, startModelServer } from '../../../test/model-server/start-model-server.ts';
import type { ModelEvent } from './model-event.ts';
import { embeddingLimits, openEmbeddingModel } from './openai-embedding-model.ts';

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer();
});
afterAll(async () => {
  await server.close();
});
beforeEach(async () => {
  await server.control({ faults: [] });
});

const never = new AbortController().signal;
const events: ModelEvent[] = [];
const open = (fault: FaultName = 'none', timeoutMs = 20_000) =>
  openEmbeddingModel(
    { baseUrl: server.baseUrl, apiKey: 'none', model: fault === 'none' ? 'embedder' : `embedder+${fault}` },
    {
      now: () => new Date(),
      random: () => 0,
      limits: { timeoutMs, retries: { ...embeddingLimits.retries, maximumRetries: 1 } },
      onEvent: (event) => events.push(event),
    },
  );
const cosine = (left: Float32Array, right: Float32Array) =>
  left.reduce((sum, value, axis) => sum + value * (right[axis] ?? 0), 0);
const sentBatches = async () =>
  (await server.requests()).map(({ body }) => (body['input'] as string[]).length);

describe('openEmbeddingModel', () => {
  it('should learn the dimension from one word', async () => {
    const model = await open();
    expect([model.id, model.dimension, model.state()]).toEqual(['embedder', 256, 'operational']);
    expect(await sentBatches()).toEqual([1]);
  });

  it('should give unit vectors that are near for similar texts', async () => {
    const model = await open();
    const [breath, breathing, money] = await model.embed(
      [
        'How do I breathe while sitting?',
        'Breathe slowly while you are sitting.',
        'Invest your savings with patience.',
      ],
      never,
    );
    if (!breath || !breathing || !money) throw new Error('three texts make three vectors');
    expect(cosine(breath, breath)).toBeCloseTo(1, 5);
    expect(cosine(breath, breathing)).toBeGreaterThan(0.3);
    expect(cosine(breath, money)).toBeLessThan(0.2);
  });

  it('should send batches of 64 and keep the order', async () => {
    const model = await open();
    await server.control({});
    const texts = Array.from({ length: 200 }, (_, position) => `text number ${position}`);
    const vectors = await model.embed(texts, never);
    expect((await sentBatches()).sort((left, right) => right - left)).toEqual([64, 64, 64, 8]);
    const [last] = await model.embed([texts[199] ?? ''], never);
    expect(vectors).toHaveLength(200);
    expect(vectors[199]).toEqual(last);
  });

  it('should ask nothing for no texts', async () => {
    const model = await open();
    await server.control({});
    expect(await model.embed([], never)).toEqual([]);
    expect(await sentBatches()).toEqual([]);
  });

  it('should try again after a passing failure, at the start too', async () => {
    await server.control({ faults: ['server-error'] });
    const model = await open();
    await server.control({ faults: ['reset'] });
    expect(await model.embed(['again'], never)).toHaveLength(1);
    expect(events.map((event) => event.type)).toEqual(['retry', 'retry']);
  });

  it.each<[FaultName, string]>([
    ['server-error', 'server-error'],
    ['rate-limited-long', 'rate-limited'],
    ['quota', 'quota'],
    ['unauthorized', 'refused'],
    ['unknown-model', 'refused'],
    ['malformed-json', 'malformed'],
    ['not-the-format', 'malformed'],
    ['wrong-content-type', 'malformed'],
    ['missing-vector', 'malformed'],
    ['not-a-number', 'malformed'],
    ['reset', 'network'],
  ])('should not open with %s', async (fault, reason) => {
    await expect(open(fault)).rejects.toMatchObject({ code: 'model_unavailable', reason });
  });

  it('should not wait for an endpoint that hangs', async () => {
    await expect(open('hang', 100)).rejects.toMatchObject({ reason: 'timeout' });
  });

  it('should refuse vectors of another dimension than at the start', async () => {
    const model = await open();
    await server.control({ faults: ['wrong-dimension'] });
    await expect(model.embed(['text'], never)).rejects.toMatchObject({
      reason: 'malformed',
      message: expect.stringContaining('8 dimensions instead of 256'),
    });
  });

  it('should go down after five failures in a row, without more calls', async () => {
    const model = await open();
    await server.control({ faults: Array.from({ length: 5 }, () => 'unauthorized') });
    for (let count = 0; count < 5; count += 1) await model.embed(['text'], never).catch(() => undefined);
    expect(model.state()).toBe('down');
    await expect(model.embed(['text'], never)).rejects.toMatchObject({ reason: 'paused' });
    expect(await sentBatches()).toHaveLength(5);
  });

  it('should end with the reason of an abort, and blame the model only for a time limit', async () => {
    const model = await open();
    await server.control({ faults: Array.from({ length: 3 }, () => 'hang') });
    const stop = new AbortController();
    const stopped = model.embed(['text'], stop.signal);
    stop.abort(new Error('stopped'));
    await expect(stopped).rejects.toThrow('stopped');
    expect(model.state()).toBe('operational');
    await expect(model.embed(['text'], AbortSignal.timeout(20))).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    expect(model.state()).toBe('degraded');
  });
});
