import { describe, expect, it } from 'vitest';

import { createManualClock } from '../../../test/manual-clock.ts';
import { connectEmbeddingModel } from './connect-embedding-model.ts';
import type { SupervisedEmbeddingModel } from './embedding-model.ts';

const model: SupervisedEmbeddingModel = {
  id: 'embed-a',
  dimension: 4,
  embed: () => Promise.resolve([]),
  state: () => 'operational',
};

/** An endpoint that fails so many times before it answers. */
async function connect(failures: number) {
  const clock = createManualClock();
  const told: unknown[] = [];
  let tries = 0;
  const connection = await connectEmbeddingModel({
    id: 'embed-a',
    clock,
    open: () => {
      tries += 1;
      return tries > failures ? Promise.resolve(model) : Promise.reject(new Error(`refused ${tries}`));
    },
    onFailure: (error) => told.push(error),
  });
  let opened = 0;
  connection.onOpened(() => (opened += 1));
  return { clock, connection, told, tries: () => tries, opened: () => opened };
}

describe('connectEmbeddingModel', () => {
  it('should be open at once when the endpoint answers', async () => {
    const { connection, told, opened } = await connect(0);
    expect(connection.current()).toBe(model);
    expect(connection.state()).toBe('operational');
    expect(told).toEqual([]);
    expect(opened()).toBe(0);
  });

  it('should be degraded while the endpoint is away, tell it once, and open when it comes back', async () => {
    const { clock, connection, told, tries, opened } = await connect(3);
    expect(connection.current()).toBeUndefined();
    expect(connection.state()).toBe('degraded');
    await clock.advance(60_000);
    expect(tries()).toBe(3);
    expect(opened()).toBe(0);
    await clock.advance(30_000);
    expect(connection.current()).toBe(model);
    expect(connection.state()).toBe('operational');
    expect(opened()).toBe(1);
    expect(told).toHaveLength(1);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('should stop trying when it is closed', async () => {
    const { clock, connection, tries } = await connect(9);
    connection.close();
    await clock.advance(120_000);
    expect(tries()).toBe(1);
    expect(connection.current()).toBeUndefined();
  });
});
