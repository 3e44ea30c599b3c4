import { useEffect, useState, useSyncExternalStore } from 'react';

import { api } from '../../api.ts';
import { createKey, session, showChatInAddress, waitOrOnline } from './browser-session.ts';
import { createConversation } from './conversation.ts';
import { chatOfAddress } from './stored-session.ts';

const buildConversation = () =>
  createConversation({
    client: api,
    session,
    onChat: showChatInAddress,
    createKey,
    wait: waitOrOnline,
  });

/** The conversation of the page and its state; it follows the address (`?chat=12`), back and forward included. */
export function useConversation() {
  const [conversation] = useState(buildConversation);
  const state = useSyncExternalStore(conversation.subscribe, conversation.read);

  useEffect(() => {
    const readAddress = () => {
      const chatId = chatOfAddress(window.location.search);
      if (chatId === null) conversation.startNew();
      else void conversation.open(chatId);
    };
    void conversation.resume(chatOfAddress(window.location.search));
    window.addEventListener('popstate', readAddress);
    return () => window.removeEventListener('popstate', readAddress);
  }, [conversation]);

  return { conversation, state };
}
