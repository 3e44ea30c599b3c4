import { LinkPage } from './features/account/link-page.tsx';
import { linkPageOf } from './features/account/mailed-link.ts';
import { SetupPage } from './features/account/setup-page.tsx';
import { ChatPage } from './features/chat/chat-page.tsx';

/** The page for the address: the first-run set-up, what links in mails open, or the chat for everything else. */
export function App() {
  const path = window.location.pathname;
  const link = linkPageOf(path);
  if (link !== null) return <LinkPage name={link} />;
  return path.replace(/\/+$/u, '') === '/setup' ? <SetupPage /> : <ChatPage />;
}
