import { useEffect, useId, useRef } from 'react';

type FieldProps = {
  label: string;
  name: string;
  type?: 'text' | 'email' | 'password';
  autoComplete: string;
  hint?: string;
  problem?: string | undefined;
  minLength?: number;
  /** Whether it takes the focus when it appears. */
  takesFocus?: boolean;
};

/** A labelled input of a form; hint and problem are tied to it for screen readers. */
export function Field(props: FieldProps) {
  const { label, name, type = 'text', autoComplete, hint, problem, minLength, takesFocus = false } = props;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (takesFocus) input.current?.focus();
  }, [takesFocus]);
  // The server words a field's problem as the rest of a sentence: "is already taken".
  const note = problem === undefined ? hint : `${label} ${problem}`;
  return (
    <div>
      <label htmlFor={id} className="block text-[0.9375rem] font-medium">
        {label}
      </label>
      <input
        ref={input}
        id={id}
        name={name}
        type={type}
        autoComplete={autoComplete}
        minLength={minLength}
        required
        spellCheck={false}
        autoCapitalize="none"
        aria-describedby={note === undefined ? undefined : `${id}-note`}
        aria-invalid={problem === undefined ? undefined : true}
        className="mt-1 block h-11 w-full rounded-slip border border-line-strong bg-paper px-3 text-base"
      />
      {note === undefined ? null : (
        <p
          id={`${id}-note`}
          role={problem === undefined ? undefined : 'alert'}
          className={`mt-1 text-note ${problem === undefined ? 'text-soft' : 'text-seal'}`}
        >
          {note}
        </p>
      )}
    </div>
  );
}
