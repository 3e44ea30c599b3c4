import { useEffect, useImperativeHandle, useRef, useState } from 'react';
import type { Ref } from 'react';

import { SendIcon, StopIcon } from '../../components/icons.tsx';
import { strings } from '../../strings.ts';
import { session } from './browser-session.ts';

type ComposerProps = {
  chatId: number | null;
  personaName: string;
  isRunning: boolean;
  isOffline: boolean;
  onAsk: (question: string) => void;
  onStop: () => void;
  ref: Ref<{ focus: () => void }>;
};

/** The server's limit for a question, in UTF-16 code units. */
export const maximumQuestionLength = 10_000;

/** Where a question is written. The draft outlives a reload; Enter sends it, Shift and Enter begin a new line. */
export function Composer(props: ComposerProps) {
  const { chatId, personaName, isRunning, isOffline, onAsk, onStop, ref } = props;
  const [text, setText] = useState(() => session.draft(chatId));
  const field = useRef<HTMLTextAreaElement>(null);
  const over = text.length - maximumQuestionLength;
  const canSend = text.trim() !== '' && over <= 0 && !isRunning && !isOffline;

  // On a touch screen focus would raise the keyboard over the answer that was just asked for.
  const focus = () => {
    if (window.matchMedia('(pointer: fine)').matches) field.current?.focus();
  };
  useImperativeHandle(ref, () => ({ focus }), []);
  const drafted = useRef(chatId);
  useEffect(() => {
    if (drafted.current === chatId) return;
    drafted.current = chatId;
    setText(session.draft(chatId));
  }, [chatId]);

  const write = (next: string) => {
    setText(next);
    session.keepDraft(chatId, next);
  };
  const send = () => {
    if (!canSend) return;
    onAsk(text.trim());
    write('');
  };
  const note = over > 0 ? strings.composer.tooLong(over) : isOffline ? strings.problem.offline : null;

  return (
    <form
      aria-label={strings.composer.label(personaName)}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {note === null ? null : <output className="block mb-2 px-2 text-[0.9375rem] text-seal">{note}</output>}
      <div className="flex items-end gap-2 rounded-[1.6rem] border border-line-strong bg-raised py-1.5 pr-1.5 pl-5 shadow-lift transition-colors focus-within:border-seal">
        <label htmlFor="question" className="sr-only">
          {strings.composer.label(personaName)}
        </label>
        <textarea
          ref={field}
          id="question"
          rows={1}
          value={text}
          placeholder={strings.composer.placeholder(personaName)}
          aria-describedby="composer-keys"
          aria-invalid={over > 0}
          enterKeyHint="send"
          onChange={(event) => write(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            send();
          }}
          className="[field-sizing:content] max-h-52 min-h-11 flex-1 resize-none bg-transparent py-2 font-serif text-lg leading-7 outline-none placeholder:text-soft"
        />
        {isRunning ? (
          <SealButton label={strings.composer.stop} onClick={onStop} isDisabled={false}>
            <StopIcon />
          </SealButton>
        ) : (
          <SealButton label={strings.composer.send} onClick={send} isDisabled={!canSend}>
            <SendIcon />
          </SealButton>
        )}
      </div>
      <p id="composer-keys" className="sr-only">
        {strings.composer.keys}
      </p>
    </form>
  );
}

type SealProps = { label: string; onClick: () => void; isDisabled: boolean; children: React.ReactNode };

function SealButton({ label, onClick, isDisabled, children }: SealProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={onClick}
      disabled={isDisabled}
      className="inline-flex size-11 shrink-0 items-center justify-center rounded-full bg-seal text-on-seal transition-colors hover:bg-seal-deep focus-visible:rounded-full disabled:bg-sunken disabled:text-soft"
    >
      {children}
    </button>
  );
}
