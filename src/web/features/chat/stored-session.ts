/** A question that was sent but not yet acknowledged; asking again with the same key cannot ask twice. */
export type PendingQuestion = { key: string; question: string; chatId: number | null };

export type StoredSession = ReturnType<typeof createStoredSession>;

type TextStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const pendingKey = 'wwhd-pending';

/** What a tab keeps over a reload: drafts by chat, and the question that waits for its acknowledgement. */
export function createStoredSession(store: TextStore) {
  const draftKey = (chatId: number | null) => `wwhd-draft-${chatId ?? 'new'}`;
  const write = (key: string, value: string) => {
    try {
      if (value === '') store.removeItem(key);
      else store.setItem(key, value);
    } catch {
      // A full or forbidden store costs the draft after a reload, never the question being written.
    }
  };
  return {
    draft: (chatId: number | null) => store.getItem(draftKey(chatId)) ?? '',
    keepDraft: (chatId: number | null, text: string) => write(draftKey(chatId), text),
    keepPending: (pending: PendingQuestion | null) =>
      write(pendingKey, pending === null ? '' : JSON.stringify(pending)),
    pending: () => readPending(store.getItem(pendingKey)),
  };
}

function readPending(text: string | null): PendingQuestion | null {
  if (text === null) return null;
  try {
    const { key, question, chatId } = JSON.parse(text) as Partial<PendingQuestion>;
    if (typeof key !== 'string' || typeof question !== 'string') return null;
    return { key, question, chatId: typeof chatId === 'number' ? chatId : null };
  } catch {
    return null;
  }
}

/** The chat that an address names by `?chat=12`, or null. */
export function chatOfAddress(search: string): number | null {
  const id = Number(new URLSearchParams(search).get('chat'));
  return Number.isInteger(id) && id > 0 ? id : null;
}
