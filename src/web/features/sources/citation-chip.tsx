import { useEffect, useId, useState } from 'react';
import { createPortal } from 'react-dom';

import type { Source } from '../../../shared/messages.ts';
import { strings } from '../../strings.ts';
import { placeOf } from './source-place.ts';

type ChipProps = {
  marker: number;
  source: Source | undefined;
  onOpen: (source: Source) => void;
};

/** The number after a sentence: names its source on hover and focus, opens the passage when pressed. */
export function CitationChip({ marker, source, onOpen }: ChipProps) {
  const [isShown, setIsShown] = useState(false);
  const [button, setButton] = useState<HTMLButtonElement | null>(null);
  const cardId = useId();

  useEffect(() => {
    if (!isShown) return undefined;
    const hide = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      setIsShown(false);
    };
    const hideNow = () => setIsShown(false);
    document.addEventListener('keydown', hide, { capture: true });
    window.addEventListener('scroll', hideNow, { passive: true });
    return () => {
      document.removeEventListener('keydown', hide, { capture: true });
      window.removeEventListener('scroll', hideNow);
    };
  }, [isShown]);

  if (source === undefined) {
    return <span className="mx-0.5 align-[0.3em] text-[0.65em] text-soft">{marker}</span>;
  }
  return (
    <span
      className="whitespace-nowrap"
      onPointerEnter={(event) => event.pointerType === 'mouse' && setIsShown(true)}
      onPointerLeave={() => setIsShown(false)}
    >
      <button
        ref={setButton}
        type="button"
        aria-label={strings.sources.chip(marker, source.title)}
        aria-describedby={isShown ? cardId : undefined}
        onFocus={(event) => setIsShown(event.currentTarget.matches(':focus-visible'))}
        onBlur={() => setIsShown(false)}
        onClick={() => {
          setIsShown(false);
          onOpen(source);
        }}
        className="relative mx-0.5 inline-flex h-[1.35rem] min-w-[1.35rem] items-center justify-center rounded-full border border-seal/45 px-1 align-[0.22em] font-sans text-[0.75rem] leading-none font-semibold text-seal transition-colors after:absolute after:-inset-1.5 hover:bg-seal hover:text-on-seal focus-visible:rounded-full"
      >
        {marker}
      </button>
      {isShown ? <SourceCard id={cardId} anchor={button} source={source} /> : null}
    </span>
  );
}

type CardProps = {
  id: string;
  anchor: HTMLElement | null;
  source: Source;
};

/** A slip that shows title, place and the cited words beside its chip; it stays inside the window. */
function SourceCard({ id, anchor, source }: CardProps) {
  const place = placeOf(source);
  const settle = (card: HTMLDivElement | null) => {
    if (card === null || anchor === null) return;
    const chip = anchor.getBoundingClientRect();
    const left = Math.max(12, Math.min(chip.left - 24, window.innerWidth - card.offsetWidth - 12));
    const above = chip.top - card.offsetHeight - 6;
    card.style.left = `${left}px`;
    card.style.top = `${above > 72 ? above : chip.bottom + 6}px`;
  };
  return createPortal(
    <div
      ref={settle}
      id={id}
      role="tooltip"
      className="fixed z-40 w-80 max-w-[calc(100vw-1.5rem)] animate-settle rounded-card border border-line bg-raised p-4 text-note whitespace-normal shadow-lift"
    >
      <p className="font-semibold">{source.title}</p>
      {place === null ? null : <p className="text-soft">{place}</p>}
      <p className="mt-2 line-clamp-5 border-l-2 border-seal pl-3 font-serif text-base">{source.quote}</p>
    </div>,
    document.body,
  );
}
