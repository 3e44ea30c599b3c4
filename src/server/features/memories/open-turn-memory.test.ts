import { onTestFinished, describe, expect, it } from 'vitest';

import { createTestClock } from '../../../../test/build-app.ts';
import { openDatabase } from '../../database/open-database.ts';
import { createMemoriesStore, MOST_FACTS } from './memories-store.ts';
import { createOpenTurnMemory } from './open-turn-memory.ts';

const herman = { id: 'herman', audience: 'adults' } as const;
const bella = { id: 'bella', audience: 'children' } as const;

async function open() {
  const clock = createTestClock();
  const opened = await openDatabase({ path: ':memory:', isServer: false, now: clock.now });
  onTestFinished(() => opened.close());
  const store = createMemoriesStore({ database: opened.database, now: clock.now });
  const time = clock.now().toISOString();
  const addUser = async (username: string) =>
    await opened.database
      .insertInto('users')
      .values({
        username,
        usernameKey: username,
        role: 'user',
        isActive: 1,
        tokenVersion: 1,
        settings: '{}',
        createdAt: time,
        updatedAt: time,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
  const anna = { userId: (await addUser('anna')).id, role: 'user' };
  const ben = { userId: (await addUser('ben')).id, role: 'user' };
  return { database: opened.database, store, anna, ben, openMemory: createOpenTurnMemory(store) };
}

describe('createOpenTurnMemory', () => {
  it('should be closed to guests, with personas for children, and until it is allowed', async () => {
    const { openMemory, store, anna } = await open();
    await store.setEnabled({ userId: anna.userId, personaId: 'bella' }, true);
    expect((await openMemory({ ...anna, role: 'guest' }, herman)).status).toBe('guest');
    expect((await openMemory(anna, bella)).status).toBe('children');
    expect((await openMemory(anna, herman)).status).toBe('off');
    expect(await (await openMemory(anna, herman)).remember('I like tea')).toBe('full');
    expect(await store.list(anna)).toEqual([]);
  });

  it('should keep facts of one user and persona apart from all others', async () => {
    const { openMemory, store, anna, ben } = await open();
    for (const { userId } of [anna, ben]) await store.setEnabled({ userId, personaId: 'herman' }, true);
    await store.setEnabled({ userId: anna.userId, personaId: 'other' }, true);
    expect(await (await openMemory(anna, herman)).remember('I like tea')).toBe('remembered');
    expect(await (await openMemory(anna, herman)).remember('i like  tea.')).toBe('known');
    expect((await openMemory(anna, herman)).facts).toEqual(['I like tea']);
    expect((await openMemory(ben, herman)).facts).toEqual([]);
    expect((await openMemory(anna, { ...herman, id: 'other' })).facts).toEqual([]);
    expect(await (await openMemory(ben, herman)).forget(null)).toEqual([]);
    expect((await openMemory(anna, herman)).facts).toEqual(['I like tea']);
  });

  it('should forget what holds all telling words of the description, or everything', async () => {
    const { openMemory, store, anna } = await open();
    await store.setEnabled({ userId: anna.userId, personaId: 'herman' }, true);
    const memory = await openMemory(anna, herman);
    for (const fact of ['I have a bad knee', 'My knees like warm tea', 'I live in Porto'])
      await memory.remember(fact);
    expect(await memory.forget('my')).toEqual([]);
    expect(await memory.forget('my bad knee')).toEqual(['I have a bad knee']);
    expect(await memory.forget('my knee')).toEqual(['My knees like warm tea']);
    expect(await memory.forget(null)).toEqual(['I live in Porto']);
  });

  it('should keep a bounded number of facts, and none after its user is erased', async () => {
    const { database, openMemory, store, anna } = await open();
    await store.setEnabled({ userId: anna.userId, personaId: 'herman' }, true);
    const memory = await openMemory(anna, herman);
    for (let count = 0; count < MOST_FACTS; count += 1)
      expect(await memory.remember(`I have ${count} cups`)).toBe('remembered');
    expect(await memory.remember('I have one more')).toBe('full');
    await database.deleteFrom('users').where('id', '=', anna.userId).execute();
    expect(await store.list(anna)).toEqual([]);
    expect(await store.listEnabled(anna.userId)).toEqual([]);
  });
});
