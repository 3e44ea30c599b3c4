import { describe, expect, it } from 'vitest';

import { chatOfAddress, createStoredSession } from './stored-session.ts';

function memoryStore() {
  const values = new Map<string, string>();
  return {
    values,
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  };
}

describe('createStoredSession', () => {
  it('should keep a draft for each chat and drop it when it is empty', () => {
    const store = memoryStore();
    const session = createStoredSession(store);
    session.keepDraft(null, 'new');
    session.keepDraft(4, 'four');
    expect([session.draft(null), session.draft(4), session.draft(5)]).toEqual(['new', 'four', '']);
    session.keepDraft(4, '');
    expect(store.values.size).toBe(1);
  });

  it('should go on without a store that is full', () => {
    const store = memoryStore();
    const full = () => {
      throw new Error('QuotaExceededError');
    };
    const session = createStoredSession({ ...store, setItem: full });
    session.keepDraft(null, 'new');
    expect(session.draft(null)).toBe('');
  });

  it('should not trust what stands in the store', () => {
    for (const text of ['', 'no json', '{}', '{"key":1,"question":"q"}', 'null', '[]']) {
      const session = createStoredSession({ ...memoryStore(), getItem: () => text });
      expect(session.pending()).toBeNull();
    }
  });
});

describe('chatOfAddress', () => {
  it('should read a chat id and nothing else', () => {
    expect(chatOfAddress('?chat=12')).toBe(12);
    for (const search of ['', '?chat=', '?chat=0', '?chat=-1', '?chat=1.5', '?chat=x', '?other=3']) {
      expect(chatOfAddress(search)).toBeNull();
    }
  });
});
