import { useState } from 'react';

import { api } from '../../api.ts';
import { Field } from '../../components/field.tsx';
import { strings } from '../../strings.ts';
import { FormEnding, FormLink } from './form-ending.tsx';
import { readForm } from './read-form.ts';
import { useForm } from './use-form.ts';

/** Asks for the mail by which a new password is chosen; what it says tells nobody who has an account. */
export function ForgotForm({ onBack }: { onBack: () => void }) {
  const [isSent, setIsSent] = useState(false);
  const words = strings.account;
  const { isWorking, problem, onSubmit } = useForm(async (form) => {
    await api.auth.forgot(readForm(form).email);
    setIsSent(true);
  });
  const back = <FormLink onPress={onBack}>{words.toSignIn}</FormLink>;
  if (isSent) {
    return (
      <>
        <output className="block">{words.mailSent}</output>
        {back}
      </>
    );
  }
  return (
    <form className="space-y-4" onSubmit={onSubmit}>
      <p className="text-[0.9375rem] text-soft">{words.forgotWhy}</p>
      <Field
        label={words.email}
        name="email"
        type="email"
        autoComplete="email"
        problem={problem.fields['email']}
        takesFocus
      />
      <FormEnding problem={problem.rest} isWorking={isWorking} submit={words.sendLink}>
        {back}
      </FormEnding>
    </form>
  );
}
