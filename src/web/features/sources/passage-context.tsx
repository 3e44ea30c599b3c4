import { useEffect, useRef, useState } from 'react';

import type { Passage } from '../../../shared/documents.ts';
import type { Source } from '../../../shared/messages.ts';
import { Button } from '../../components/button.tsx';
import { strings } from '../../strings.ts';
import { findQuote, passageInContext } from './locate-source.ts';

type ContextProps = { passages: Passage[]; source: Source };

/** The cited passage between its neighbours, the quoted words marked and in sight; the bare words when it is gone. */
export function PassageContext({ passages, source }: ContextProps) {
  const [reach, setReach] = useState(1);
  const mark = useRef<HTMLElement>(null);
  useEffect(() => {
    mark.current?.scrollIntoView({ block: 'center' });
  }, []);

  const pieces = passageInContext({ passages, source, reach });
  if (pieces.length === 0) {
    return (
      <>
        <p className="text-note text-soft">{strings.sources.gone}</p>
        <blockquote className="mt-3 border-l-2 border-seal pl-4 font-serif text-lg">
          {source.quote}
        </blockquote>
      </>
    );
  }
  return (
    <>
      <div className="space-y-4 font-serif text-[1.0625rem] leading-[1.7]">
        {pieces.map((piece) => (
          <p key={piece.id} className={`whitespace-pre-line ${piece.isCited ? '' : 'text-soft'}`}>
            {piece.isCited ? <Quoted text={piece.text} quote={source.quote} mark={mark} /> : piece.text}
          </p>
        ))}
      </div>
      {pieces.length < passages.length ? (
        <div className="mt-5">
          <Button onClick={() => setReach(reach + 3)}>{strings.sources.wider}</Button>
        </div>
      ) : null}
    </>
  );
}

type QuotedProps = { text: string; quote: string; mark: React.RefObject<HTMLElement | null> };

function Quoted({ text, quote, mark }: QuotedProps) {
  const found = findQuote(text, quote);
  if (found === null) return text;
  return (
    <>
      {text.slice(0, found.start)}
      <mark ref={mark} className="rounded-[0.2rem] bg-highlight box-decoration-clone px-0.5 text-ink">
        <span className="sr-only">{strings.sources.quoted}: </span>
        {text.slice(found.start, found.end)}
      </mark>
      {text.slice(found.end)}
    </>
  );
}
