import { SetupPage } from './features/account/setup-page.tsx';
import { ChatPage } from './features/chat/chat-page.tsx';

/** The page for the address: the first-run set-up, or the chat for everything else. */
export function App() {
  const isSetup = window.location.pathname.replace(/\/+$/u, '') === '/setup';
  return isSetup ? <SetupPage /> : <ChatPage />;
}
