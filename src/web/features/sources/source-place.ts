import type { Source } from '../../../shared/messages.ts';
import { strings } from '../../strings.ts';

/** Where a source stands, in words: its page, its time in the recording, or nothing. */
export function placeOf(source: Pick<Source, 'page' | 'timestamp'>): string | null {
  if (source.page !== null) return strings.sources.page(source.page);
  return source.timestamp === null ? null : strings.sources.at(source.timestamp);
}

/** An address when it leads to http or https, otherwise nothing. */
export function safeAddress(address: string | null): string | null {
  return address !== null && /^https?:\/\//iu.test(address) ? address : null;
}
