import { useCallback, useRef, useState } from 'react';

import type { Source } from '../../../shared/messages.ts';
import type { PersonaCard } from '../../../shared/personas.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { DrawnCircle } from '../../components/garden.tsx';
import { Notice } from '../../components/notice.tsx';
import { useMediaQuery } from '../../components/use-browser.ts';
import { useLoaded } from '../../components/use-loaded.ts';
import type { Loaded } from '../../components/use-loaded.ts';
import { strings } from '../../strings.ts';
import { AccountDialog } from '../account/account-dialog.tsx';
import { ProfileDialog } from '../account/profile-dialog.tsx';
import { useProfile } from '../account/use-profile.ts';
import { SourcePanel } from '../sources/source-panel.tsx';
import { showChatInAddress } from './browser-session.ts';
import { ChatDrawer } from './chat-drawer.tsx';
import { ChatView } from './chat-view.tsx';
import { PageHeader } from './page-header.tsx';
import type { Turn } from './turn-state.ts';
import { useConversation } from './use-conversation.ts';

type OpenSource = { turn: Turn; source: Source };

/** The chat at `/`: the header, the conversation, and what opens beside or over it. */
export function ChatPage() {
  const { loaded, retry } = useLoaded(() => api.listPersonas());
  const personas = loaded.status === 'ready' ? loaded.value : [];
  const { conversation, state } = useConversation();
  const { profile, reload } = useProfile();
  const [openSource, setOpenSource] = useState<OpenSource | null>(null);
  const [overlay, setOverlay] = useState<'none' | 'chats' | 'account'>('none');
  const isWide = useMediaQuery('(min-width: 72rem)');
  const composer = useRef<{ focus: () => void }>(null);
  const closeSource = useCallback(() => setOpenSource(null), []);
  const closeOverlay = useCallback(() => setOverlay('none'), []);

  const startNew = (personaId?: string) => {
    closeSource();
    setOverlay('none');
    conversation.startNew(personaId);
    showChatInAddress(null, 'push');
    composer.current?.focus();
  };
  const signOut = async () => {
    await api.auth.signOut().catch(() => undefined);
    await reload();
    startNew();
  };
  const persona = choosePersona(personas, state.persona);

  return (
    <div
      className={`flex min-h-dvh flex-col overflow-x-clip ${openSource !== null && isWide ? 'pr-[27rem]' : ''}`}
    >
      <a
        href="#question"
        className="sr-only focus:not-sr-only focus:fixed focus:top-3 focus:left-3 focus:z-50 focus:rounded-full focus:bg-seal focus:px-4 focus:py-2 focus:text-on-seal"
      >
        {strings.skipToQuestion}
      </a>
      <PageHeader
        profile={profile}
        isDrawerOpen={overlay === 'chats'}
        hasConversation={state.turns.length > 0 || state.chatId !== null}
        onDrawer={() => setOverlay('chats')}
        onNew={() => startNew()}
        onAccount={() => setOverlay('account')}
      />
      {persona === undefined ? (
        <PersonasMissing loaded={loaded} onRetry={retry} />
      ) : (
        <ChatView
          conversation={conversation}
          state={state}
          persona={persona}
          personas={personas}
          openSource={openSource}
          composer={composer}
          onOpenSource={(turn, source) => setOpenSource({ turn, source })}
          onChoosePersona={startNew}
          onNew={() => startNew()}
        />
      )}
      {openSource === null ? null : (
        <SourcePanel
          key={`${openSource.turn.key}-${openSource.source.marker}-${openSource.source.quote}`}
          source={openSource.source}
          isWide={isWide}
          onClose={closeSource}
        />
      )}
      {overlay === 'chats' ? (
        <ChatDrawer
          currentId={state.chatId}
          onOpenChat={(chatId) => {
            closeSource();
            closeOverlay();
            showChatInAddress(chatId, 'push');
            void conversation.open(chatId);
          }}
          onNew={() => startNew()}
          onClose={closeOverlay}
        />
      ) : null}
      {overlay === 'account' && profile !== null ? (
        <ProfileDialog profile={profile} onSignOut={() => void signOut()} onClose={closeOverlay} />
      ) : null}
      {overlay === 'account' && profile === null ? (
        <AccountDialog
          onSignedIn={() => {
            closeOverlay();
            void reload();
          }}
          onClose={closeOverlay}
        />
      ) : null}
    </div>
  );
}

function choosePersona(personas: PersonaCard[], id: string | null): PersonaCard | undefined {
  return personas.find((persona) => persona.id === id) ?? personas[0];
}

type MissingProps = { loaded: Loaded<PersonaCard[]>; onRetry: () => void };

/** Instead of the chat while nobody is there to answer: on their way, not reachable, or none at all. */
function PersonasMissing({ loaded, onRetry }: MissingProps) {
  if (loaded.status === 'loading') {
    return (
      <main>
        <output className="flex min-h-[70dvh] items-center justify-center gap-3 text-soft">
          <DrawnCircle className="size-8" /> {strings.loading}
        </output>
      </main>
    );
  }
  return (
    <main className="mx-auto max-w-[34rem] px-5 pt-[18dvh]">
      <Notice
        action={
          <Button kind="primary" onClick={onRetry}>
            {strings.retry}
          </Button>
        }
      >
        {loaded.status === 'ready' ? (
          <>
            <p>{strings.problem.personas}</p>
            <p className="mt-1 text-soft">{strings.problem.personasHint}</p>
          </>
        ) : (
          loaded.problem.detail
        )}
      </Notice>
    </main>
  );
}
