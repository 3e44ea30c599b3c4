import { createStoredSession } from './stored-session.ts';

const nothingStored = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };

/** What this tab keeps over a reload; nothing where the browser forbids storage. */
export const session = createStoredSession(storage());

function storage() {
  try {
    return window.sessionStorage;
  } catch {
    return nothingStored;
  }
}

/** 128 random bits in hex; `crypto.randomUUID` is missing on pages that are not served over HTTPS. */
export function createKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Waits, but not beyond the moment at which the browser finds its connection again. */
export function waitOrOnline(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      window.removeEventListener('online', finish);
      resolve();
    };
    const timer = setTimeout(finish, delayMs);
    window.addEventListener('online', finish);
  });
}

/** Names the chat in the address, so that a reload or a bookmark comes back to it. */
export function showChatInAddress(chatId: number | null, how: 'push' | 'replace'): void {
  const address = chatId === null ? '/' : `/?chat=${chatId}`;
  if (address === window.location.pathname + window.location.search) return;
  if (how === 'push') window.history.pushState(null, '', address);
  else window.history.replaceState(null, '', address);
}
