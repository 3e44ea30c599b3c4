import { Fragment, useCallback } from 'react';
import type { RefObject } from 'react';

import type { Source } from '../../../shared/messages.ts';
import type { PersonaCard } from '../../../shared/personas.ts';
import { Button } from '../../components/button.tsx';
import { DrawnCircle, RakedLine } from '../../components/garden.tsx';
import { Notice } from '../../components/notice.tsx';
import { useIsOffline } from '../../components/use-browser.ts';
import { strings } from '../../strings.ts';
import { Announcer } from './announcer.tsx';
import { Composer } from './composer.tsx';
import type { Conversation, ConversationState } from './conversation.ts';
import { ExcerptsNote } from './excerpts-note.tsx';
import { LatestButton, useFollowEnd } from './follow-end.tsx';
import { hasEnded } from './turn-state.ts';
import type { Turn } from './turn-state.ts';
import { TurnView } from './turn-view.tsx';
import { Welcome } from './welcome.tsx';

type ChatViewProps = {
  conversation: Conversation;
  state: ConversationState;
  persona: PersonaCard;
  personas: PersonaCard[];
  openSource: { turn: Turn; source: Source } | null;
  composer: RefObject<{ focus: () => void } | null>;
  onOpenSource: (turn: Turn, source: Source) => void;
  onChoosePersona: (personaId: string) => void;
  onNew: () => void;
};

/** The conversation and the place to write, or the welcome before the first question. */
export function ChatView(props: ChatViewProps) {
  const { conversation, state, persona, openSource, composer, onOpenSource } = props;
  const isOffline = useIsOffline();
  const last = state.turns.at(-1);
  const isRunning = last !== undefined && !hasEnded(last);
  const { list, isAway, toEnd } = useFollowEnd(last);
  const onAskAgain = useCallback((turn: Turn) => conversation.askAgain(turn), [conversation]);
  const onAnswerAgain = useCallback(
    (turn: Turn) => {
      conversation.answerAgain(turn);
      composer.current?.focus();
    },
    [conversation, composer],
  );
  const onEdit = useCallback(
    (turn: Turn, question: string) => {
      conversation.edit(turn, question);
      composer.current?.focus();
    },
    [conversation, composer],
  );
  const ask = (question: string) => {
    conversation.ask(question, persona.id);
    composer.current?.focus();
  };
  const isQuoted = last === undefined || (!isRunning && last.sources.length > 0);
  const hasExcerpts = persona.answers === 'excerpts' && isQuoted && state.loading === 'ready';
  const isEmpty = state.turns.length === 0 && state.loading === 'ready';

  return (
    <>
      <main className="relative isolate mx-auto w-full max-w-[47rem] flex-1 px-5 pb-8 md:px-8">
        {state.loading === 'ready' ? null : <ChatMissing loading={state.loading} onNew={props.onNew} />}
        {isEmpty ? (
          <Welcome persona={persona} personas={props.personas} onChoose={props.onChoosePersona} onAsk={ask} />
        ) : null}
        {state.turns.length > 0 ? (
          <section ref={list} aria-label={strings.turn.conversation} className="pt-8 pb-6 md:pt-12">
            <h1 className="sr-only">{strings.turn.conversation}</h1>
            {state.turns.map((turn, index) => (
              <Fragment key={turn.key}>
                {index > 0 ? <RakedLine /> : null}
                <TurnView
                  turn={turn}
                  persona={persona}
                  isLast={index === state.turns.length - 1}
                  openMarker={openSource?.turn.key === turn.key ? openSource.source.marker : null}
                  onOpen={onOpenSource}
                  onAskAgain={onAskAgain}
                  onAnswerAgain={onAnswerAgain}
                  onEdit={onEdit}
                />
              </Fragment>
            ))}
          </section>
        ) : null}
        {hasExcerpts ? <ExcerptsNote /> : null}
      </main>
      <footer className="sticky bottom-0 z-10 bg-linear-to-t from-paper from-75% to-transparent px-3 pt-5 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
        <div className="relative mx-auto max-w-[45rem]">
          {isAway ? <LatestButton onPress={toEnd} /> : null}
          <Composer
            ref={composer}
            chatId={state.chatId}
            personaName={persona.name}
            isRunning={isRunning}
            isOffline={isOffline}
            onAsk={ask}
            onStop={conversation.stop}
          />
          <p className="mt-2 px-2 text-center text-[0.75rem] leading-snug text-soft">
            {strings.persona.notThePerson(persona.name)}
          </p>
        </div>
      </footer>
      <Announcer turn={last} />
    </>
  );
}

type MissingProps = { loading: Exclude<ConversationState['loading'], 'ready'>; onNew: () => void };

function ChatMissing({ loading, onNew }: MissingProps) {
  if (loading === 'loading') {
    return (
      <output className="flex items-center justify-center gap-3 pt-[18dvh] text-soft">
        <DrawnCircle className="size-8" /> {strings.chats.loading}
      </output>
    );
  }
  const isGone = ['not_found', 'unauthenticated', 'forbidden'].includes(loading.code);
  return (
    <div className="pt-[14dvh]">
      <Notice
        action={
          <span className="flex flex-wrap gap-3">
            <Button kind="primary" onClick={onNew}>
              {strings.chats.fresh}
            </Button>
            {isGone ? null : <Button onClick={() => window.location.reload()}>{strings.retry}</Button>}
          </span>
        }
      >
        {isGone ? strings.chats.notFound : loading.detail}
      </Notice>
    </div>
  );
}
