import { useState } from 'react';

import { describeFields } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Garden } from '../../components/garden.tsx';
import { Notice } from '../../components/notice.tsx';
import { Portrait } from '../../components/portrait.tsx';
import { useLoaded } from '../../components/use-loaded.ts';
import { strings } from '../../strings.ts';
import { finishSetup, readSetup } from './set-up.ts';

/** The first run: whoever holds the link of the server's console makes the first account and chooses its knowledge. */
export function SetupPage() {
  const token = new URLSearchParams(window.location.search).get('token');
  const [isDone, setIsDone] = useState(false);
  return (
    <main className="relative isolate mx-auto min-h-dvh max-w-[30rem] px-5 py-10">
      <Garden className="fixed top-[6.5rem] left-1/2 -z-10 w-[40rem] max-w-none -translate-x-1/2 -translate-y-1/2" />
      <Portrait personaId="herman" name={strings.product} isDecorative className="mx-auto size-32" />
      <h1 className="mt-6 text-center font-serif text-title">
        {isDone ? strings.setup.done : strings.setup.title}
      </h1>
      {token === null ? <p className="mt-4 text-center text-soft">{strings.setup.noToken}</p> : null}
      {token === null || isDone ? null : <OpenLink token={token} onDone={() => setIsDone(true)} />}
      {isDone ? (
        <p className="mt-8 text-center">
          <a
            href="/"
            className="inline-flex min-h-11 items-center rounded-full bg-seal px-6 font-medium text-on-seal hover:bg-seal-deep"
          >
            {strings.setup.toChat}
          </a>
        </p>
      ) : null}
    </main>
  );
}

/** The form, once the server has said that the link still holds. */
function OpenLink({ token, onDone }: { token: string; onDone: () => void }) {
  const { loaded, retry } = useLoaded(() => readSetup(token));
  if (loaded.status === 'ready') {
    return <SetupForm token={token} canLoadSample={loaded.value.can_load_sample} onDone={onDone} />;
  }
  if (loaded.status === 'loading') {
    return <output className="mt-4 block text-center text-soft">{strings.loading}</output>;
  }
  return (
    <div className="mt-8">
      <Notice action={<Button onClick={retry}>{strings.retry}</Button>}>{loaded.problem.detail}</Notice>
    </div>
  );
}

type SetupFormProps = { token: string; canLoadSample: boolean; onDone: () => void };

function SetupForm({ token, canLoadSample, onDone }: SetupFormProps) {
  const [isWorking, setIsWorking] = useState(false);
  const [problem, setProblem] = useState<ReturnType<typeof describeFields>>({ fields: {}, rest: null });
  const words = strings.setup;
  const submit = async (form: FormData) => {
    setIsWorking(true);
    try {
      await finishSetup(token, form);
      onDone();
    } catch (error) {
      setProblem(describeFields(error));
      setIsWorking(false);
    }
  };
  return (
    <form
      className="mt-4 space-y-5"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(new FormData(event.currentTarget));
      }}
    >
      <p className="text-center text-soft">{words.intro}</p>
      <div className="space-y-4 rounded-card border border-line bg-raised p-6">
        <Field
          label={strings.account.username}
          name="username"
          autoComplete="username"
          problem={problem.fields['username']}
        />
        <Field
          label={strings.account.email}
          name="email"
          type="email"
          autoComplete="email"
          problem={problem.fields['email']}
        />
        <Field
          label={strings.account.password}
          name="password"
          type="password"
          autoComplete="new-password"
          hint={strings.account.passwordHint}
          minLength={8}
          problem={problem.fields['password']}
        />
        {canLoadSample ? <KnowledgeChoice /> : null}
        {problem.rest === null ? null : (
          <p role="alert" className="text-[0.9375rem] text-seal">
            {problem.rest}
          </p>
        )}
        <Button type="submit" kind="primary" isDisabled={isWorking}>
          {isWorking ? strings.account.working : words.submit}
        </Button>
      </div>
    </form>
  );
}

function KnowledgeChoice() {
  const words = strings.setup;
  return (
    <fieldset>
      <legend className="text-[0.9375rem] font-medium">{words.knowledge}</legend>
      <Choice value="sample" label={words.sample} hint={words.sampleHint} isDefault />
      <Choice value="empty" label={words.empty} hint={words.emptyHint} isDefault={false} />
    </fieldset>
  );
}

type ChoiceProps = { value: string; label: string; hint: string; isDefault: boolean };

function Choice({ value, label, hint, isDefault }: ChoiceProps) {
  const id = `knowledge-${value}`;
  return (
    <div className="mt-2 flex items-start gap-3 rounded-slip border border-line px-3 py-2.5 has-checked:border-seal">
      <input
        id={id}
        type="radio"
        name="knowledge"
        value={value}
        defaultChecked={isDefault}
        aria-describedby={`${id}-note`}
        className="mt-1 size-4 accent-seal"
      />
      <div>
        <label htmlFor={id} className="block font-medium">
          {label}
        </label>
        <p id={`${id}-note`} className="text-note text-soft">
          {hint}
        </p>
      </div>
    </div>
  );
}
