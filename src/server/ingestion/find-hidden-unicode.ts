import type { HiddenText } from './parsed-document.ts';

/** Tag characters (Unicode, block E0000) that are no part of the flag of a region. */
const TAGS = /(?<!\u{1F3F4}[\u{E0020}-\u{E007F}]*)[\u{E0020}-\u{E007E}]+/gu;
const INVISIBLE = /[\u200b\u2060-\u2064\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]|(?<!^)\ufeff/g;
const TAG_OFFSET = 0xe0000;

/**
 * What a text hides in characters that nobody sees: sentences in tag characters, which models read, and how many
 * characters without width or controls of direction there are. Joiners that scripts and emoji need do not count.
 */
export function findHiddenUnicode(text: string): { hidden: HiddenText[]; invisibleCount: number } {
  const hidden = [...text.matchAll(TAGS)].map(([tags]) => ({
    reason: 'invisible tag characters',
    text: Array.from(tags, (tag) => String.fromCodePoint((tag.codePointAt(0) ?? 0) - TAG_OFFSET)).join(''),
  }));
  return { hidden, invisibleCount: text.match(INVISIBLE)?.length ?? 0 };
}

/** The text without tag characters, but those of flags. */
export function removeTags(text: string): string {
  return text.replace(TAGS, '');
}
