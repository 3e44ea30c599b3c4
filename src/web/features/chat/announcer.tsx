import { useEffect, useRef, useState } from 'react';

import { strings } from '../../strings.ts';
import { takeSentences } from './announce-sentences.ts';
import { hasEnded } from './turn-state.ts';
import type { Turn } from './turn-state.ts';

/** Reads the newest answer to screen readers sentence by sentence while it arrives, and says when it is complete. */
export function Announcer({ turn }: { turn: Turn | undefined }) {
  const [text, setText] = useState('');
  const place = useRef({ key: '', next: 0, isLive: false });

  useEffect(() => {
    if (turn === undefined) return;
    const isComplete = hasEnded(turn);
    if (place.current.key !== turn.key) place.current = { key: turn.key, next: 0, isLive: !isComplete };
    if (!place.current.isLive) return;
    const { text: sentences, next } = takeSentences({
      content: turn.content,
      from: Math.min(place.current.next, turn.content.length),
      isComplete,
    });
    place.current = { key: turn.key, next, isLive: !isComplete };
    const ending = turn.phase === 'complete' ? ` ${strings.turn.ready}` : '';
    if (sentences !== '' || ending !== '') setText(sentences + ending);
  }, [turn]);

  return (
    <div aria-live="polite" className="sr-only">
      {text}
    </div>
  );
}
