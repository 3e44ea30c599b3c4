import { useState } from 'react';

import { ApiError } from '../../../shared/client/api-error.ts';
import { api } from '../../api.ts';
import { Field } from '../../components/field.tsx';
import { strings } from '../../strings.ts';
import { FormEnding, FormLink } from './form-ending.tsx';
import { readForm } from './read-form.ts';
import { useForm } from './use-form.ts';

type SignInProps = { onSignedIn: () => void; onNew: () => void; onForgot: () => void };

/** Name and password, and the one-time code once the server asks for it. */
export function SignInForm({ onSignedIn, onNew, onForgot }: SignInProps) {
  const [needsCode, setNeedsCode] = useState(false);
  const words = strings.account;
  const { isWorking, problem, onSubmit } = useForm(async (form) => {
    const { username, password, otp } = readForm(form);
    try {
      await api.auth.signIn({ username, password, otp: otp || undefined }, { session: 'cookie' });
    } catch (error) {
      const asksForCode = error instanceof ApiError && error.code === 'second_factor_required';
      if (asksForCode) setNeedsCode(true);
      // The field that appears is the answer to the first refusal; a wrong code is told.
      if (asksForCode && otp === '') return;
      throw error;
    }
    onSignedIn();
  });
  return (
    <form className="space-y-4" onSubmit={onSubmit}>
      <p className="text-[0.9375rem] text-soft">{words.why}</p>
      <Field
        label={words.usernameOrMail}
        name="username"
        autoComplete="username"
        problem={problem.fields['username']}
      />
      <Field
        label={words.password}
        name="password"
        type="password"
        autoComplete="current-password"
        problem={problem.fields['password']}
      />
      {needsCode ? (
        <Field
          label={words.code}
          name="otp"
          autoComplete="one-time-code"
          hint={words.codeHint}
          problem={problem.fields['otp']}
          takesFocus
        />
      ) : null}
      <FormEnding problem={problem.rest} isWorking={isWorking} submit={words.signIn}>
        <FormLink onPress={onNew}>{words.noAccount}</FormLink>
        <FormLink onPress={onForgot}>{words.forgot}</FormLink>
      </FormEnding>
    </form>
  );
}
