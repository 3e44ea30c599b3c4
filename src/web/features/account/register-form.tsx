import { useState } from 'react';
import type { ReactNode } from 'react';

import { api } from '../../api.ts';
import { Field } from '../../components/field.tsx';
import { strings } from '../../strings.ts';
import { FormEnding } from './form-ending.tsx';
import { readForm } from './read-form.ts';
import { spendToken } from './spend-token.ts';
import { useForm } from './use-form.ts';

type RegisterProps = { invitation?: string; onSignedIn: () => void; children?: ReactNode };

/** Makes an account, by invitation when there is one, and signs in; or says that a mail must be opened first. */
export function RegisterForm({ invitation, onSignedIn, children }: RegisterProps) {
  const [mustConfirm, setMustConfirm] = useState(false);
  const words = strings.account;
  const { isWorking, problem, onSubmit } = useForm(async (form) => {
    const { username, email, password } = readForm(form);
    const registration = { username, email, password, invitation: invitation ?? null };
    const answer = await spendToken(() => api.auth.register(registration, { session: 'cookie' }));
    if ('status' in answer) setMustConfirm(true);
    else onSignedIn();
  });
  if (mustConfirm) {
    return (
      <>
        <output className="block">{words.mustConfirm}</output>
        {children}
      </>
    );
  }
  const wrongInvitation = problem.fields['invitation'] === undefined ? null : strings.links.ended;
  return (
    <form className="space-y-4" onSubmit={onSubmit}>
      <Field
        label={words.username}
        name="username"
        autoComplete="username"
        problem={problem.fields['username']}
      />
      <Field
        label={words.email}
        name="email"
        type="email"
        autoComplete="email"
        problem={problem.fields['email']}
      />
      <Field
        label={words.password}
        name="password"
        type="password"
        autoComplete="new-password"
        hint={words.passwordHint}
        minLength={8}
        problem={problem.fields['password']}
      />
      <FormEnding problem={problem.rest ?? wrongInvitation} isWorking={isWorking} submit={words.register}>
        {children}
      </FormEnding>
    </form>
  );
}
