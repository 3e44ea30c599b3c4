import { useEffect, useRef, useState } from 'react';

import { api, hasSession } from '../../api.ts';
import { Field } from '../../components/field.tsx';
import { Garden } from '../../components/garden.tsx';
import { Portrait } from '../../components/portrait.tsx';
import { strings } from '../../strings.ts';
import { FormEnding } from './form-ending.tsx';
import { tokenOfHash } from './mailed-link.ts';
import type { LinkPage as LinkName } from './mailed-link.ts';
import { readForm } from './read-form.ts';
import { RegisterForm } from './register-form.tsx';
import { spendToken } from './spend-token.ts';
import { useForm } from './use-form.ts';

/** Where a link of a mail leads: an address is confirmed, a password chosen, or an invitation taken. */
export function LinkPage({ name }: { name: LinkName }) {
  const [token] = useState(() => tokenOfHash(window.location.hash));
  const [isDone, setIsDone] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const words = strings.links[name];
  useEffect(() => {
    if (isDone) heading.current?.focus();
  }, [isDone]);
  const finish = () => {
    // A used token is of no use in the history.
    window.history.replaceState(null, '', window.location.pathname);
    setIsDone(true);
  };
  return (
    <main className="relative isolate mx-auto min-h-dvh max-w-[30rem] overflow-x-clip px-5 py-10">
      <Garden className="fixed top-[6.5rem] left-1/2 -z-10 w-[40rem] max-w-none -translate-x-1/2 -translate-y-1/2" />
      <Portrait personaId="herman" name={strings.product} isDecorative className="mx-auto size-32" />
      <h1 ref={heading} tabIndex={-1} className="mt-6 text-center font-serif text-title outline-none">
        {isDone ? words.done : words.title}
      </h1>
      {isDone ? null : (
        <p className="mt-4 text-center text-soft">
          {token === null ? strings.links.incomplete : words.intro}
        </p>
      )}
      {token === null || isDone ? null : (
        <div className="mt-5 rounded-card border border-line bg-raised p-6">
          {name === 'verify' ? <VerifyForm token={token} onDone={finish} /> : null}
          {name === 'reset' ? <ResetForm token={token} onDone={finish} /> : null}
          {name === 'register' ? <RegisterForm invitation={token} onSignedIn={finish} /> : null}
        </div>
      )}
      {isDone || token === null ? (
        <p className="mt-8 text-center">
          <a
            href="/"
            className="inline-flex min-h-11 items-center rounded-full bg-seal px-6 font-medium text-on-seal hover:bg-seal-deep"
          >
            {strings.links.toChat}
          </a>
        </p>
      ) : null}
    </main>
  );
}

type FormProps = { token: string; onDone: () => void };

/** A button rather than the mere opening of the link, which mail filters do as well. */
function VerifyForm({ token, onDone }: FormProps) {
  const { isWorking, problem, onSubmit } = useForm(async () => {
    await spendToken(() => api.auth.verify(token));
    onDone();
  });
  const ended = problem.fields['token'] === undefined ? null : strings.links.ended;
  return (
    <form className="space-y-4" onSubmit={onSubmit}>
      <FormEnding
        problem={problem.rest ?? ended}
        isWorking={isWorking}
        submit={strings.links.verify.submit}
      />
    </form>
  );
}

function ResetForm({ token, onDone }: FormProps) {
  const { isWorking, problem, onSubmit } = useForm(async (form) => {
    await spendToken(() => api.auth.reset(token, readForm(form).password));
    // The session of this browser has ended with the others; its cookie would spoil the next request.
    if (hasSession()) await api.auth.signOut().catch(() => undefined);
    onDone();
  });
  const ended = problem.fields['token'] === undefined ? null : strings.links.ended;
  return (
    <form className="space-y-4" onSubmit={onSubmit}>
      <Field
        label={strings.links.reset.password}
        name="password"
        type="password"
        autoComplete="new-password"
        hint={strings.account.passwordHint}
        minLength={8}
        problem={problem.fields['password']}
        takesFocus
      />
      <FormEnding problem={problem.rest ?? ended} isWorking={isWorking} submit={strings.links.reset.submit} />
    </form>
  );
}
