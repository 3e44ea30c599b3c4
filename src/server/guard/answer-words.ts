/** Removals that the answer guard made without ending the answer. */
export type AnswerRemovals = { markers: number; urls: number; sentences: number };

export type WordRules = { sourceCount: number; allowedUrls: readonly string[]; removals: AnswerRemovals };

const markerPattern = /\s*\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]/gu;
const urlPattern = / ?(?:https?:\/\/|www\.)[^\s<>"'`]+/giu;
const linkTargetPattern = /\]\(((?:https?:\/\/|www\.)[^\s)]*)\)?/giu;

/**
 * One complete word (with the white space before it) as it may leave: markers that point to no source and URLs that no
 * source has are gone; of `[text](invented)` the text stays.
 */
export function cleanAnswerWord(word: string, rules: WordRules): string {
  if (!word.includes('[') && !/https?:|www\./iu.test(word)) return word;
  return cleanUrls(word, rules).replace(markerPattern, (marker, numbers: string) => {
    const all = numbers.split(/[,;]/u).map((number) => Number(number.trim()));
    const known = all.filter((number) => number >= 1 && number <= rules.sourceCount);
    rules.removals.markers += all.length - known.length;
    if (known.length === all.length) return marker;
    const space = /^\s*/u.exec(marker)?.[0] ?? '';
    return known.length === 0 ? keepLineBreaks(space) : `${space}[${known.join(', ')}]`;
  });
}

/** A marker that goes takes its space along, but never the line break of a list or paragraph. */
function keepLineBreaks(space: string): string {
  return space.includes('\n') ? space : '';
}

function cleanUrls(word: string, rules: WordRules): string {
  return word
    .replace(linkTargetPattern, (link, url: string) => {
      if (isAllowedUrl(url, rules.allowedUrls)) return link;
      rules.removals.urls += 1;
      return ']';
    })
    .replace(urlPattern, (match) => {
      const [, url = match, after = ''] = /^(.*?)([).,;:!?\]]*)$/u.exec(match) ?? [];
      if (isAllowedUrl(url.trimStart(), rules.allowedUrls)) return match;
      rules.removals.urls += 1;
      return after;
    });
}

/** Whether a source has this URL; a trailing slash makes no difference. */
export function isAllowedUrl(url: string, allowedUrls: readonly string[]): boolean {
  const plain = url.replace(/\/$/u, '');
  return allowedUrls.some((allowed) => allowed.replace(/\/$/u, '') === plain);
}

/** Whether a word that has not ended yet may grow into something that `cleanAnswerWord` changes. */
export function mayStillChange(word: string, allowedUrls: readonly string[]): boolean {
  if (/\[[\d,; ]{0,16}$/u.test(word)) return true;
  const url = /(?:https?:\/\/|www\.)\S*$/iu.exec(word)?.[0];
  return url !== undefined && allowedUrls.some((allowed) => allowed.startsWith(url));
}

/** Whether a word that has not ended yet holds a URL that no source has; all that follows in it can be dropped. */
export function holdsInventedUrl(word: string, allowedUrls: readonly string[]): boolean {
  const url = /(?:https?:\/\/|www\.)\S*$/iu.exec(word)?.[0];
  return (
    url !== undefined &&
    url.length > 12 &&
    /[a-z\d]$/iu.test(url) &&
    !allowedUrls.some(
      (allowed) => allowed.startsWith(url) || (url.startsWith(allowed) && url.length < allowed.length + 20),
    )
  );
}
