import { useEffect, useState } from 'react';

import { Button } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { strings } from '../../strings.ts';
import type { Turn } from './turn-state.ts';

type EndingProps = { turn: Turn; isLast: boolean; onAskAgain: (turn: Turn) => void };

/** What stands below an answer that did not come to its own end, with the way on. */
export function TurnEnding({ turn, isLast, onAskAgain }: EndingProps) {
  const again = () => onAskAgain(turn);
  const action = isLast ? <Button onClick={again}>{strings.turn.askAgain}</Button> : null;
  if (turn.phase === 'stopped' || turn.phase === 'interrupted') {
    const words = turn.phase === 'stopped' ? strings.turn.stopped : strings.turn.interrupted;
    return (
      <div className="mt-5 flex flex-wrap items-center gap-x-4 gap-y-2 text-[0.9375rem] text-soft">
        <p>{words}</p>
        {action}
      </div>
    );
  }
  if (turn.phase !== 'failed') return null;
  const problem = turn.problem ?? { detail: strings.problem.unexpected, retryAfterSeconds: null };
  return (
    <div className={turn.content === '' ? '' : 'mt-5'}>
      <Notice
        action={
          isLast ? <RetryButton waitSeconds={problem.retryAfterSeconds ?? 0} onRetry={again} /> : undefined
        }
      >
        {problem.detail}
      </Notice>
    </div>
  );
}

/** A retry that waits as long as the server asked for, and says so. */
function RetryButton({ waitSeconds, onRetry }: { waitSeconds: number; onRetry: () => void }) {
  const [left, setLeft] = useState(waitSeconds);
  useEffect(() => {
    if (left <= 0) return undefined;
    const timer = setTimeout(() => setLeft(left - 1), 1_000);
    return () => clearTimeout(timer);
  }, [left]);
  return (
    <div className="flex flex-wrap items-center gap-3">
      <Button kind="primary" isDisabled={left > 0} onClick={onRetry}>
        {strings.retry}
      </Button>
      {waitSeconds > 0 ? (
        <span className="text-[0.9375rem] text-soft tabular-nums">{strings.problem.wait(left)}</span>
      ) : null}
    </div>
  );
}
