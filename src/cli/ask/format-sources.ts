import type { Source } from '../../shared/messages.ts';
import { type Terminal, withoutControls } from '../terminal.ts';

/** The numbered list below an answer: title, page or time, and the address where the source can be opened. */
export function formatSources(sources: readonly Source[], terminal: Pick<Terminal, 'bold' | 'dim'>): string {
  const lines = sources.map((source) => {
    const place = [
      source.page === null ? undefined : `page ${source.page}`,
      source.timestamp === null ? undefined : `at ${source.timestamp}`,
    ].filter((part) => part !== undefined);
    const head = [withoutControls(source.title), ...place].join(', ');
    const address = source.youtube_url ?? source.url;
    return `${terminal.bold(`[${source.marker}]`)} ${head}${address === null ? '' : `\n    ${terminal.dim(withoutControls(address))}`}`;
  });
  return [terminal.bold('Sources'), ...lines].join('\n');
}
