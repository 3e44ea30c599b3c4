const MAXIMUM_BYTES = 200;
/** Names that Windows keeps for devices, with any extension. */
const DEVICES = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i;

/**
 * A name from a server as the name of a file in one folder on any system: the last part of a path, without characters
 * that Windows or a terminal minds, not hidden, at most 200 bytes, its extension kept.
 * @param taken names in use, in lower case; the name that is returned is added
 */
export function safeFileName(name: string, taken: Set<string>): string {
  const last = name.replaceAll('\\', '/').split('/').at(-1) ?? '';
  const clean = last
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
    .replaceAll(/[<>:"|?*]/g, '-')
    .replaceAll(/^[.\s]+|[.\s]+$/g, '');
  const dot = clean.lastIndexOf('.');
  const hasExtension = dot > 0 && clean.length - dot <= 12;
  const extension = hasExtension ? clean.slice(dot) : '';
  const stem = (hasExtension ? clean.slice(0, dot) : clean).trim() || 'document';
  const safeStem = DEVICES.test(`${stem}${extension}`) ? `${stem}-` : stem;
  for (let count = 1; ; count += 1) {
    const ending = count === 1 ? extension : `-${count}${extension}`;
    const candidate = `${shorten(safeStem, MAXIMUM_BYTES - Buffer.byteLength(ending))}${ending}`;
    const key = candidate.toLowerCase();
    if (taken.has(key)) continue;
    taken.add(key);
    return candidate;
  }
}

/** The beginning of a text that fits in so many bytes of UTF-8, cut between characters. */
function shorten(text: string, maximumBytes: number): string {
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maximumBytes) break;
    kept += character;
  }
  return kept;
}
