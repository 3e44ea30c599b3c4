import type { ReactNode } from 'react';

import { Button } from '../../components/button.tsx';
import { strings } from '../../strings.ts';

type EndingProps = { problem: string | null; isWorking: boolean; submit: string; children?: ReactNode };

/** The end of an account form: the problem that belongs to no field, the button that sends, and other ways on. */
export function FormEnding({ problem, isWorking, submit, children }: EndingProps) {
  return (
    <>
      {problem === null ? null : (
        <p role="alert" className="text-[0.9375rem] text-seal">
          {problem}
        </p>
      )}
      <div className="flex flex-wrap items-center gap-x-5 gap-y-2 pt-1">
        <Button type="submit" kind="primary" isDisabled={isWorking}>
          {isWorking ? strings.account.working : submit}
        </Button>
        {children}
      </div>
    </>
  );
}

/** A way from one account form to another. */
export function FormLink({ onPress, children }: { onPress: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      className="min-h-10 text-[0.9375rem] text-seal underline underline-offset-4"
      onClick={onPress}
    >
      {children}
    </button>
  );
}
