import { useState } from 'react';

import { api, describeFields } from '../../api.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { CloseIcon } from '../../components/icons.tsx';
import { strings } from '../../strings.ts';
import { readForm } from './read-form.ts';

type AccountProps = { onSignedIn: () => void; onClose: () => void };
type FormProblem = ReturnType<typeof describeFields>;

const noProblem: FormProblem = { fields: {}, rest: null };

/** Signing in, or making an account; a guest's conversations come along. */
export function AccountDialog({ onSignedIn, onClose }: AccountProps) {
  const [isNew, setIsNew] = useState(false);
  const [isWorking, setIsWorking] = useState(false);
  const [problem, setProblem] = useState(noProblem);
  const words = strings.account;

  const submit = async (form: FormData) => {
    const { username, email, password } = readForm(form);
    setIsWorking(true);
    setProblem(noProblem);
    try {
      if (isNew) await api.auth.register({ username, email, password });
      await api.auth.signIn({ username, password }, { session: 'cookie' });
      onSignedIn();
    } catch (error) {
      setProblem(describeFields(error));
    } finally {
      setIsWorking(false);
    }
  };

  return (
    <Dialog
      label={isNew ? words.register : words.signIn}
      isModal
      onClose={onClose}
      className="m-auto w-[25rem] max-w-[calc(100vw-2rem)] animate-settle rounded-card border border-line bg-raised shadow-lift"
    >
      <form
        className="space-y-4 p-6"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(new FormData(event.currentTarget));
        }}
      >
        <div className="flex items-start justify-between gap-3">
          <h2 className="font-serif text-2xl">{isNew ? words.register : words.signIn}</h2>
          <IconButton label={strings.close} onClick={onClose}>
            <CloseIcon />
          </IconButton>
        </div>
        <p className="text-[0.9375rem] text-soft">{words.why}</p>
        <Field
          label={isNew ? words.username : words.usernameOrMail}
          name="username"
          autoComplete="username"
          problem={problem.fields['username']}
        />
        {isNew ? (
          <Field
            label={words.email}
            name="email"
            type="email"
            autoComplete="email"
            problem={problem.fields['email']}
          />
        ) : null}
        <Field
          label={words.password}
          name="password"
          type="password"
          autoComplete={isNew ? 'new-password' : 'current-password'}
          {...(isNew ? { hint: words.passwordHint, minLength: 8 } : {})}
          problem={problem.fields['password']}
        />
        {problem.rest === null ? null : (
          <p role="alert" className="text-[0.9375rem] text-seal">
            {problem.rest}
          </p>
        )}
        <div className="flex flex-wrap items-center gap-3 pt-1">
          <Button type="submit" kind="primary" isDisabled={isWorking}>
            {isWorking ? words.working : isNew ? words.register : words.signIn}
          </Button>
          <button
            type="button"
            className="min-h-10 text-[0.9375rem] text-seal underline underline-offset-4"
            onClick={() => {
              setIsNew(!isNew);
              setProblem(noProblem);
            }}
          >
            {isNew ? words.haveAccount : words.noAccount}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
