import type { ChatSummary } from '../../../shared/chats.ts';
import { ApiError } from '../../../shared/client/api-error.ts';
import { api } from '../../api.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { DrawnCircle } from '../../components/garden.tsx';
import { CloseIcon } from '../../components/icons.tsx';
import { Notice } from '../../components/notice.tsx';
import { useLoaded } from '../../components/use-loaded.ts';
import type { Loaded } from '../../components/use-loaded.ts';
import { strings } from '../../strings.ts';

type DrawerProps = {
  currentId: number | null;
  onOpenChat: (chatId: number) => void;
  onNew: () => void;
  onClose: () => void;
};

/** The newest conversations; a visitor who never asked has none. */
async function listChats(signal: AbortSignal): Promise<ChatSummary[]> {
  try {
    return (await api.listChats({ per_page: 50 }, { signal })).chats;
  } catch (error) {
    if (error instanceof ApiError && error.code === 'unauthenticated') return [];
    throw error;
  }
}

/** One's own conversations, newest first. */
export function ChatDrawer({ currentId, onOpenChat, onNew, onClose }: DrawerProps) {
  const { loaded, retry } = useLoaded(listChats);
  return (
    <Dialog
      label={strings.chats.heading}
      isModal
      onClose={onClose}
      className="fixed inset-y-0 right-auto left-0 m-0 h-full max-h-none w-[22rem] max-w-[88vw] animate-from-left flex-col border-r border-line bg-raised shadow-lift open:flex"
    >
      <header className="flex items-center justify-between border-b border-line py-3 pr-3 pl-6">
        <h2 className="font-serif text-xl">{strings.chats.heading}</h2>
        <IconButton label={strings.close} onClick={onClose}>
          <CloseIcon />
        </IconButton>
      </header>
      <nav aria-label={strings.chats.heading} className="min-h-0 flex-1 overflow-y-auto px-3 py-3">
        <ChatList loaded={loaded} currentId={currentId} onOpenChat={onOpenChat} onRetry={retry} />
      </nav>
      <footer className="border-t border-line px-6 py-4">
        <Button kind="primary" onClick={onNew}>
          {strings.chats.fresh}
        </Button>
      </footer>
    </Dialog>
  );
}

type ListProps = {
  loaded: Loaded<ChatSummary[]>;
  currentId: number | null;
  onOpenChat: (chatId: number) => void;
  onRetry: () => void;
};

function ChatList({ loaded, currentId, onOpenChat, onRetry }: ListProps) {
  if (loaded.status === 'loading') {
    return (
      <output className="flex items-center gap-3 px-3 py-2 text-soft">
        <DrawnCircle className="size-6" /> {strings.chats.loading}
      </output>
    );
  }
  if (loaded.status === 'failed') {
    return (
      <Notice action={<Button onClick={onRetry}>{strings.retry}</Button>}>{loaded.problem.detail}</Notice>
    );
  }
  const chats = loaded.value;
  if (chats.length === 0)
    return <p className="px-3 py-2 font-serif text-lg text-soft">{strings.chats.empty}</p>;
  return (
    <ul>
      {chats.map((chat) => (
        <li key={chat.id}>
          <button
            type="button"
            aria-current={chat.id === currentId ? 'page' : undefined}
            onClick={() => onOpenChat(chat.id)}
            className="w-full rounded-slip border-l-2 border-transparent px-3 py-2.5 text-left transition-colors hover:bg-sunken aria-[current=page]:rounded-l-none aria-[current=page]:border-seal"
          >
            <span className="line-clamp-2 font-serif text-[1.0625rem] leading-snug">{chat.title}</span>
            <time dateTime={chat.updated_at} className="mt-0.5 block text-note text-soft">
              {formatDay(chat.updated_at)}
            </time>
          </button>
        </li>
      ))}
    </ul>
  );
}

function formatDay(time: string): string {
  return new Date(time).toLocaleDateString(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
}
