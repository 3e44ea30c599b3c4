import { describe, expect, it } from 'vitest';

import { openDatabase } from '../../database/open-database.ts';
import { createRetrievalCounter } from './count-retrievals.ts';

describe('createRetrievalCounter', () => {
  it('should add up what several answers cited', async () => {
    const { database, close } = await openDatabase({
      path: ':memory:',
      isServer: false,
      now: () => new Date(0),
    });
    const time = new Date(0).toISOString();
    await database
      .insertInto('namespaces')
      .values({
        name: 'tea',
        title: 'Tea',
        description: '',
        personaId: null,
        visibility: 'public',
        createdAt: time,
      })
      .execute();
    const { id } = await database
      .insertInto('documents')
      .values({
        namespace: 'tea',
        title: 'Cups',
        tags: '[]',
        metadata: '{}',
        status: 'indexed',
        isSample: 0,
        retrievalCount: 0,
        relevanceSum: 0,
        createdAt: time,
        updatedAt: time,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const counter = createRetrievalCounter({
      database,
      onError: (error) => {
        throw error;
      },
    });
    counter.add(new Map([[id, 0.5]]));
    counter.add(new Map([[id, 1]]));
    await counter.flush();
    await counter.flush();
    const row = await database.selectFrom('documents').selectAll().executeTakeFirstOrThrow();
    expect([row.retrievalCount, row.relevanceSum]).toEqual([2, 1.5]);
    await close();
  });
});
