import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

import { DownIcon } from '../../components/icons.tsx';
import { strings } from '../../strings.ts';
import type { Turn } from './turn-state.ts';

/**
 * Keeps the newest line in sight while it grows, as long as the reader is at the end; whoever scrolls up is left
 * alone. A new question always comes into sight.
 */
export function useFollowEnd(last: Turn | undefined) {
  const lastKey = last?.key;
  const isAtEnd = useRef(true);
  const [isAway, setIsAway] = useState(false);

  useEffect(() => {
    const note = () => {
      const left = document.documentElement.scrollHeight - window.scrollY - window.innerHeight;
      isAtEnd.current = left < 120;
      setIsAway(left > 320);
    };
    window.addEventListener('scroll', note, { passive: true });
    return () => window.removeEventListener('scroll', note);
  }, []);

  const toEnd = useCallback(() => {
    window.scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' });
  }, []);
  useLayoutEffect(() => {
    if (lastKey !== undefined) toEnd();
  }, [lastKey, toEnd]);
  useLayoutEffect(() => {
    if (last !== undefined && isAtEnd.current) toEnd();
  }, [last, toEnd]);

  return { isAway: isAway && last !== undefined, toEnd };
}

/** Brings a reader who scrolled up back to the newest line. */
export function LatestButton({ onPress }: { onPress: () => void }) {
  return (
    <button
      type="button"
      aria-label={strings.turn.toLatest}
      title={strings.turn.toLatest}
      onClick={onPress}
      className="absolute -top-12 left-1/2 inline-flex size-10 -translate-x-1/2 items-center justify-center rounded-full border border-line bg-raised text-soft shadow-lift hover:text-ink"
    >
      <DownIcon />
    </button>
  );
}
