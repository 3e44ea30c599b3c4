import type { Source } from '../../../shared/messages.ts';
import { strings } from '../../strings.ts';
import { placeOf, safeAddress } from '../sources/source-place.ts';

/** An answer as it is copied: its text with the markers, then what each marker stands for, one source a line. */
export function copiedAnswer(answer: { content: string; sources: Source[] }): string {
  const { content, sources } = answer;
  if (sources.length === 0) return content.trim();
  const lines = sources.map((source) => {
    const address = safeAddress(source.youtube_url) ?? safeAddress(source.url);
    const parts = [source.title, placeOf(source), address].filter((part) => part !== null);
    return `[${source.marker}] ${parts.join(', ')}`;
  });
  return `${content.trim()}\n\n${strings.sources.heading}\n${lines.join('\n')}`;
}
