import { useMemo } from 'react';
import type { ReactNode } from 'react';

import type { Citation, Source } from '../../../shared/messages.ts';
import { strings } from '../../strings.ts';
import { citationAt, sourceOfCitation } from '../sources/locate-source.ts';
import { CitationChip } from '../sources/citation-chip.tsx';
import { parseAnswer } from './answer-blocks.ts';
import type { Block } from './answer-blocks.ts';
import type { Inline } from './answer-inlines.ts';

type AnswerProps = {
  content: string;
  citations: Citation[];
  sources: Source[];
  /** While text arrives every small number in brackets is taken for a marker; its source follows. */
  isGrowing: boolean;
  onOpen: (source: Source) => void;
};

type RenderInline = (inline: Inline) => ReactNode;

/** Markers that an answer may use before its sources are known. */
const anyMarker: ReadonlySet<number> = new Set(Array.from({ length: 20 }, (_, index) => index + 1));

/** An answer as React elements: its Markdown subset, its citations as chips, hardly supported sentences marked. */
export function AnswerText({ content, citations, sources, isGrowing, onOpen }: AnswerProps) {
  const blocks = useMemo(() => {
    const known = new Set(sources.map(({ marker }) => marker));
    return parseAnswer({ content, citations, markers: isGrowing ? anyMarker : known });
  }, [content, citations, sources, isGrowing]);

  const sourceAt = (marker: number, offset: number) => {
    const source = sources.find((one) => one.marker === marker);
    return source && sourceOfCitation(source, citationAt(citations, marker, offset));
  };
  const renderInline: RenderInline = (inline) => {
    const key = `${inline.kind}${inline.start}`;
    switch (inline.kind) {
      case 'text':
        return <PlainText key={key} inline={inline} />;
      case 'code':
        return (
          <code key={key} className="rounded bg-sunken px-1 text-[0.9em]">
            {inline.text}
          </code>
        );
      case 'strong':
        return <strong key={key}>{inline.children.map(renderInline)}</strong>;
      case 'emphasis':
        return <em key={key}>{inline.children.map(renderInline)}</em>;
      case 'link':
        return (
          <a
            key={key}
            href={inline.href}
            target="_blank"
            rel="noreferrer nofollow"
            className="text-seal underline underline-offset-4"
          >
            {inline.children.map(renderInline)}
            <span className="sr-only"> {strings.sources.newTab}</span>
          </a>
        );
      case 'break':
        return <br key={key} />;
      default:
        return (
          <CitationChip
            key={`${key}-${inline.marker}`}
            marker={inline.marker}
            source={sourceAt(inline.marker, inline.start)}
            onOpen={onOpen}
          />
        );
    }
  };
  return (
    <div className="space-y-4 font-serif text-prose break-words">
      {blocks.map((block) => (
        <AnswerBlock key={block.start} block={block} renderInline={renderInline} />
      ))}
    </div>
  );
}

function PlainText({ inline }: { inline: Extract<Inline, { kind: 'text' }> }) {
  if (inline.isWeak === undefined) return inline.text;
  return (
    <span className="weak-support" title={strings.sources.weakTitle}>
      {inline.text}
      {inline.endsWeakSpan === undefined ? null : <span className="sr-only">{strings.sources.weakNote}</span>}
    </span>
  );
}

function AnswerBlock({ block, renderInline }: { block: Block; renderInline: RenderInline }) {
  if (block.kind === 'list') {
    const items = block.items.map(({ inlines, start }) => (
      <li key={start} className="pl-1.5 marker:text-seal">
        {inlines.map(renderInline)}
      </li>
    ));
    return block.isOrdered ? (
      <ol start={block.first} className="list-decimal space-y-2 pl-7">
        {items}
      </ol>
    ) : (
      <ul className="list-disc space-y-2 pl-6">{items}</ul>
    );
  }
  const children = block.inlines.map(renderInline);
  if (block.kind === 'quote') {
    return <blockquote className="border-l-2 border-line-strong pl-5">{children}</blockquote>;
  }
  if (block.kind === 'heading') return <h3 className="pt-2 text-xl font-semibold">{children}</h3>;
  return <p>{children}</p>;
}
