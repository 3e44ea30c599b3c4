import { useEffect, useRef, useState } from 'react';

import { Button } from '../../components/button.tsx';
import { strings } from '../../strings.ts';
import { maximumQuestionLength } from './composer.tsx';

type EditProps = { question: string; onSend: (question: string) => void; onCancel: () => void };

/** Changing a question that was asked. Enter sends it, Escape leaves it as it was; the focus returns where it came from. */
export function EditQuestion({ question, onSend, onCancel }: EditProps) {
  const [text, setText] = useState(question);
  const field = useRef<HTMLTextAreaElement>(null);
  const over = text.length - maximumQuestionLength;
  const canSend = text.trim() !== '' && over <= 0;

  useEffect(() => {
    const opener = document.activeElement;
    field.current?.focus();
    field.current?.setSelectionRange(field.current.value.length, field.current.value.length);
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true });
    };
  }, []);

  const send = () => {
    if (canSend) onSend(text.trim());
  };
  return (
    <form
      className="mt-4 space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <label htmlFor="edited-question" className="block text-[0.9375rem] font-medium">
        {strings.actions.editLabel}
      </label>
      <textarea
        ref={field}
        id="edited-question"
        value={text}
        aria-invalid={over > 0}
        aria-describedby="edited-question-note"
        enterKeyHint="send"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Escape') {
            event.preventDefault();
            onCancel();
          } else if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault();
            send();
          }
        }}
        className="[field-sizing:content] block max-h-80 min-h-24 w-full resize-none rounded-slip border border-line-strong bg-raised px-3 py-2 font-serif text-lg leading-7"
      />
      <output id="edited-question-note" className="block text-note text-soft">
        {over > 0 ? strings.composer.tooLong(over) : strings.composer.keys}
      </output>
      <div className="flex flex-wrap gap-3">
        <Button type="submit" kind="primary" isDisabled={!canSend}>
          {strings.actions.editSend}
        </Button>
        <Button onClick={onCancel}>{strings.actions.editCancel}</Button>
      </div>
    </form>
  );
}
