import { useState } from 'react';

import { IconButton } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { CloseIcon } from '../../components/icons.tsx';
import { strings } from '../../strings.ts';
import { ForgotForm } from './forgot-form.tsx';
import { FormLink } from './form-ending.tsx';
import { RegisterForm } from './register-form.tsx';
import { SignInForm } from './sign-in-form.tsx';

type AccountProps = { onSignedIn: () => void; onClose: () => void };

const titles = {
  'sign-in': strings.account.signIn,
  register: strings.account.register,
  forgot: strings.account.forgot,
};

/** Signing in, making an account, or asking for a new password; a guest's conversations come along. */
export function AccountDialog({ onSignedIn, onClose }: AccountProps) {
  const [form, setForm] = useState<keyof typeof titles>('sign-in');
  const toSignIn = () => setForm('sign-in');
  return (
    <Dialog
      label={titles[form]}
      isModal
      onClose={onClose}
      className="m-auto w-[25rem] max-w-[calc(100vw-2rem)] animate-settle rounded-card border border-line bg-raised shadow-lift"
    >
      <div className="space-y-4 p-6">
        <div className="flex items-start justify-between gap-3">
          <h2 className="font-serif text-2xl">{titles[form]}</h2>
          <IconButton label={strings.close} onClick={onClose}>
            <CloseIcon />
          </IconButton>
        </div>
        {form === 'sign-in' ? (
          <SignInForm
            onSignedIn={onSignedIn}
            onNew={() => setForm('register')}
            onForgot={() => setForm('forgot')}
          />
        ) : null}
        {form === 'register' ? (
          <>
            <p className="text-[0.9375rem] text-soft">{strings.account.why}</p>
            <RegisterForm onSignedIn={onSignedIn}>
              <FormLink onPress={toSignIn}>{strings.account.haveAccount}</FormLink>
            </RegisterForm>
          </>
        ) : null}
        {form === 'forgot' ? <ForgotForm onBack={toSignIn} /> : null}
      </div>
    </Dialog>
  );
}
