import { useRef, useState } from 'react';

import type { Feedback } from '../../../shared/chats.ts';
import { api, describeProblem } from '../../api.ts';
import { IconButton } from '../../components/button.tsx';
import { AgainIcon, CopyIcon, EditIcon, ThumbDownIcon, ThumbUpIcon } from '../../components/icons.tsx';
import { strings } from '../../strings.ts';
import { copiedAnswer } from './copied-answer.ts';
import { copyText } from './copy-text.ts';
import { FeedbackReasons } from './feedback-reasons.tsx';
import type { Turn } from './turn-state.ts';

type ActionsProps = {
  turn: Turn;
  isLast: boolean;
  isEditing: boolean;
  onAgain: () => void;
  onEdit: () => void;
};

/** What can be done with an answer that has ended: copy and rate it; the last one is written or asked anew. */
export function AnswerActions({ turn, isLast, isEditing, onAgain, onEdit }: ActionsProps) {
  const [feedback, setFeedback] = useState<Feedback>({ rating: null });
  const [said, setSaid] = useState('');
  const sending = useRef(Promise.resolve());
  const words = strings.actions;
  const { turnId } = turn;
  const hasAnswer = turnId !== null && turn.content !== '';
  const canEdit = isLast && turn.questionId !== null;
  if (!hasAnswer && !canEdit) return null;

  const copy = async () => setSaid((await copyText(copiedAnswer(turn))) ? words.copied : words.copyFailed);
  const send = async (wanted: Feedback) => {
    if (turnId === null) return;
    try {
      await api.giveFeedback(turnId, wanted);
      setSaid(wanted.rating === null ? words.withdrawn : words.thanks);
    } catch (error) {
      setFeedback(feedback);
      setSaid(describeProblem(error).detail);
    }
  };
  const rate = (wanted: Feedback) => {
    setFeedback(wanted);
    // One after another: a reason must not be overtaken by the bare rating pressed before it.
    sending.current = sending.current.then(() => send(wanted));
  };
  const press = (rating: 'up' | 'down') => rate({ rating: feedback.rating === rating ? null : rating });

  return (
    <div className="mt-3">
      <fieldset aria-label={words.group} className="-ml-2.5 flex min-w-0 flex-wrap items-center gap-0.5">
        {hasAnswer ? (
          <>
            <IconButton label={words.copy} onClick={() => void copy()}>
              <CopyIcon />
            </IconButton>
            <IconButton label={words.up} isPressed={feedback.rating === 'up'} onClick={() => press('up')}>
              <ThumbUpIcon />
            </IconButton>
            <IconButton
              label={words.down}
              isPressed={feedback.rating === 'down'}
              onClick={() => press('down')}
            >
              <ThumbDownIcon />
            </IconButton>
          </>
        ) : null}
        {isLast && turn.phase === 'complete' ? (
          <IconButton label={words.again} onClick={onAgain}>
            <AgainIcon />
          </IconButton>
        ) : null}
        {canEdit ? (
          <IconButton label={words.edit} isExpanded={isEditing} onClick={onEdit}>
            <EditIcon />
          </IconButton>
        ) : null}
        <output className="ml-1.5 text-note text-soft">{said}</output>
      </fieldset>
      {feedback.rating === 'down' ? (
        <FeedbackReasons
          chosen={feedback.reason ?? null}
          onChoose={(reason) => rate({ rating: 'down', reason })}
        />
      ) : null}
    </div>
  );
}
