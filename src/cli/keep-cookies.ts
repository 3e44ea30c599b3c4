import type { Fetch } from '../shared/client/create-transport.ts';

const CSRF_COOKIE = 'wwhd_csrf';

/**
 * A fetch that keeps the cookies of one server, as a browser would, and proves with the CSRF header that requests are
 * its own; so a guest's chat stays the guest's for as long as the process runs.
 */
export function keepCookies(fetchFunction: Fetch): Fetch {
  const cookies = new Map<string, string>();
  return async (address, init) => {
    const headers = new Headers(init.headers);
    if (cookies.size > 0 && !headers.has('authorization')) {
      headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
      const csrfToken = cookies.get(CSRF_COOKIE);
      if (csrfToken !== undefined) headers.set('x-csrf-token', decodeURIComponent(csrfToken));
    }
    const response = await fetchFunction(address, { ...init, headers });
    for (const cookie of response.headers.getSetCookie()) {
      const match = /^([^=;]+)=([^;]*)/.exec(cookie);
      const [name, value] = [match?.[1]?.trim(), match?.[2]?.trim()];
      if (name === undefined || value === undefined) continue;
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  };
}
