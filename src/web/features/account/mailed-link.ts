/** The pages that links in mails open. */
export type LinkPage = 'verify' | 'reset' | 'register';

const pages: readonly string[] = ['verify', 'reset', 'register'] satisfies LinkPage[];

/** The page of a mailed link by its path, `/app/verify` and the like; null for every other path. */
export function linkPageOf(path: string): LinkPage | null {
  const name = /^\/app\/([a-z]+)\/*$/u.exec(path)?.[1];
  return name !== undefined && pages.includes(name) ? (name as LinkPage) : null;
}

/** The token behind the `#` of a mailed link, `#token=...`; null when it is missing or empty. */
export function tokenOfHash(hash: string): string | null {
  const token = new URLSearchParams(hash.replace(/^#/u, '')).get('token')?.trim();
  return token === undefined || token === '' ? null : token;
}
