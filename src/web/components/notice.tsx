import type { ReactNode } from 'react';

import { strings } from '../strings.ts';

/** A kind word about something that did not work, with what can be done next. */
export function Notice({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div role="alert" className="animate-settle rounded-card border border-line bg-raised px-5 py-4">
      <p className="label-caps text-seal">{strings.problem.title}</p>
      <div className="mt-1 text-base">{children}</div>
      {action === undefined ? null : <div className="mt-3">{action}</div>}
    </div>
  );
}
