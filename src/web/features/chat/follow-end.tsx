import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

import { DownIcon } from '../../components/icons.tsx';
import { strings } from '../../strings.ts';
import type { Turn } from './turn-state.ts';

/** The height of the page's header with some air, in CSS pixels. */
const headerHeight = 72;

/**
 * Keeps the newest line in sight while it grows, but never pushes the question out above: a long answer is read from
 * its beginning. Whoever scrolls is left alone until the next question. `list` goes on the parent of the turns.
 */
export function useFollowEnd(last: Turn | undefined) {
  const lastKey = last?.key;
  const list = useRef<HTMLElement>(null);
  const placedAt = useRef(0);
  const isFollowing = useRef(true);
  const [isAway, setIsAway] = useState(false);

  useEffect(() => {
    const note = () => {
      isFollowing.current = Math.abs(window.scrollY - placedAt.current) < 8;
      setIsAway(document.documentElement.scrollHeight - window.scrollY - window.innerHeight > 320);
    };
    window.addEventListener('scroll', note, { passive: true });
    return () => window.removeEventListener('scroll', note);
  }, []);

  const place = useCallback(() => {
    const end = document.documentElement.scrollHeight - window.innerHeight;
    const turn = list.current?.lastElementChild?.getBoundingClientRect();
    const start = turn === undefined ? end : turn.top + window.scrollY - headerHeight;
    placedAt.current = Math.max(0, Math.min(start, end));
    window.scrollTo({ top: placedAt.current, behavior: 'instant' });
  }, []);
  useLayoutEffect(() => {
    if (lastKey === undefined) return;
    isFollowing.current = true;
    place();
  }, [lastKey, place]);
  useLayoutEffect(() => {
    if (last !== undefined && isFollowing.current) place();
  }, [last, place]);

  const toEnd = () => window.scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' });
  return { list, isAway: isAway && last !== undefined, toEnd };
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
