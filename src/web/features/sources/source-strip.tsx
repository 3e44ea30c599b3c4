import type { Source } from '../../../shared/messages.ts';
import { strings } from '../../strings.ts';
import { placeOf } from './source-place.ts';

type StripProps = { sources: Source[]; openMarker: number | null; onOpen: (source: Source) => void };

/** The sources of an answer as slips of paper below it, in the order of their numbers. */
export function SourceStrip({ sources, openMarker, onOpen }: StripProps) {
  if (sources.length === 0) return null;
  return (
    <section aria-label={strings.sources.heading} className="mt-6">
      <h3 className="label-caps text-soft">{strings.sources.heading}</h3>
      <ol className="mt-2 flex flex-wrap gap-2">
        {sources.map((source) => (
          <li key={source.marker} className="max-w-full">
            <button
              type="button"
              aria-expanded={openMarker === source.marker}
              onClick={() => onOpen(source)}
              className="group flex h-full max-w-full items-center gap-2.5 rounded-slip border border-line bg-raised py-1.5 pr-3.5 pl-1.5 text-left text-note transition-colors hover:border-seal aria-expanded:border-seal aria-expanded:bg-paper"
            >
              <span className="flex size-7 shrink-0 items-center justify-center rounded-[0.25rem] bg-sunken font-semibold text-seal transition-colors group-hover:bg-seal group-hover:text-on-seal">
                {source.marker}
              </span>
              <span className="min-w-0">
                <span className="block truncate font-medium">{source.title}</span>
                {placeOf(source) === null ? null : <span className="block text-soft">{placeOf(source)}</span>}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
