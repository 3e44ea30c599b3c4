import { memo, useState } from 'react';

import type { Source } from '../../../shared/messages.ts';
import type { PersonaCard } from '../../../shared/personas.ts';
import { DrawnCircle } from '../../components/garden.tsx';
import { Portrait } from '../../components/portrait.tsx';
import { strings } from '../../strings.ts';
import { citationAt, sourceOfCitation } from '../sources/locate-source.ts';
import { SourceStrip } from '../sources/source-strip.tsx';
import { AnswerActions } from './answer-actions.tsx';
import { AnswerText } from './answer-text.tsx';
import { EditQuestion } from './edit-question.tsx';
import { GuardNote } from './guard-note.tsx';
import { TurnEnding } from './turn-ending.tsx';
import { hasEnded } from './turn-state.ts';
import type { Turn } from './turn-state.ts';

type TurnProps = {
  turn: Turn;
  persona: PersonaCard;
  isLast: boolean;
  openMarker: number | null;
  onOpen: (turn: Turn, source: Source) => void;
  onAskAgain: (turn: Turn) => void;
  onAnswerAgain: (turn: Turn) => void;
  onEdit: (turn: Turn, question: string) => void;
};

/** One question as a heading and its answer as a text below it. Drawn again only when the turn itself changes. */
export const TurnView = memo(function TurnView(props: TurnProps) {
  const { turn, persona, isLast, openMarker, onOpen, onAskAgain, onAnswerAgain, onEdit } = props;
  const [isEditing, setIsEditing] = useState(false);
  const isRunning = !hasEnded(turn);
  const open = (source: Source) => onOpen(turn, source);
  const openFromStrip = (source: Source) =>
    open(sourceOfCitation(source, citationAt(turn.citations, source.marker)));
  const isHelp = turn.guard.action === 'support';
  return (
    <article className="animate-settle" aria-busy={isRunning}>
      <h2 className="font-serif text-question text-balance break-words whitespace-pre-line">
        <span className="mb-1.5 block font-sans label-caps text-soft">{strings.turn.asked}</span>
        {turn.question}
      </h2>
      {isEditing && isLast ? (
        <EditQuestion
          question={turn.question}
          onSend={(question) => onEdit(turn, question)}
          onCancel={() => setIsEditing(false)}
        />
      ) : null}
      <div className="mt-6 md:grid md:grid-cols-[3rem_1fr] md:gap-5">
        <Portrait
          personaId={persona.id}
          name={persona.name}
          isDecorative
          className="hidden size-12 md:block"
        />
        <div className={isHelp ? 'rounded-card bg-moss-wash px-5 py-5 md:px-7' : ''}>
          <h3 className="sr-only">{strings.turn.answers(persona.name)}</h3>
          <GuardNote guard={turn.guard} personaName={persona.name} />
          {turn.content === '' ? null : (
            <AnswerText
              content={turn.content}
              citations={turn.citations}
              sources={turn.sources}
              isGrowing={isRunning}
              onOpen={open}
            />
          )}
          {turn.note === null ? null : <p className="mt-4 text-note text-soft">{turn.note}</p>}
          {isRunning ? <Progress turn={turn} /> : null}
          {isRunning ? null : (
            <SourceStrip sources={turn.sources} openMarker={openMarker} onOpen={openFromStrip} />
          )}
          <TurnEnding turn={turn} isLast={isLast} onAskAgain={onAskAgain} />
          {isRunning ? null : (
            <AnswerActions
              turn={turn}
              isLast={isLast}
              isEditing={isEditing}
              onAgain={() => onAnswerAgain(turn)}
              onEdit={() => setIsEditing(!isEditing)}
            />
          )}
        </div>
      </div>
    </article>
  );
});

function Progress({ turn }: { turn: Turn }) {
  const { phases, reconnecting } = strings.turn;
  const phase = turn.phase === 'reading' || turn.phase === 'answering' ? turn.phase : 'sending';
  return (
    <p className="mt-4 flex items-center gap-3 text-[0.9375rem] text-soft">
      <DrawnCircle className="size-6" />
      <output>{turn.isReconnecting ? reconnecting : phases[phase]}</output>
    </p>
  );
}
