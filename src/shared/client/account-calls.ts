import type { Transport } from './create-transport.ts';

export type Account = {
  id: number;
  email: string | null;
  username: string;
  name: string | null;
  role: 'guest' | 'user' | 'curator' | 'admin';
  is_active: boolean;
  is_admin: boolean;
  created_at: string;
};

export type OwnAccount = Account & {
  usage: { tokens_used_today: number; tokens_limit_daily: number | null; cost_today: number };
};

export type TokenPair = {
  access_token: string;
  token_type: 'bearer';
  /** Seconds. */
  expires_in: number;
  refresh_token: string;
};

export type Registration = { username: string; email: string; password: string; name?: string };
export type Credentials = { password: string } & ({ username: string } | { email: string });

/** Calls about accounts and sessions. With `session: 'cookie'` the server also signs the browser in by cookie. */
export function createAccountCalls({ send }: Transport) {
  const sessionHeader = (session: 'cookie' | undefined) =>
    session === undefined ? undefined : { 'x-session': session };
  return {
    register: (registration: Registration) =>
      send<Account>({ method: 'POST', path: '/auth/register', body: registration }),
    signIn: (credentials: Credentials, options: { session?: 'cookie' } = {}) =>
      send<TokenPair>({
        method: 'POST',
        path: '/auth/token',
        body: credentials,
        headers: sessionHeader(options.session),
      }),
    refresh: (refreshToken?: string) =>
      send<TokenPair>({
        method: 'POST',
        path: '/auth/refresh',
        body: refreshToken === undefined ? {} : { refresh_token: refreshToken },
      }),
    signOut: (refreshToken?: string) =>
      send<void>({
        method: 'POST',
        path: '/auth/logout',
        body: refreshToken === undefined ? {} : { refresh_token: refreshToken },
      }),
    guest: () => send<Partial<TokenPair>>({ method: 'POST', path: '/auth/guest', body: {} }),
    me: () => send<OwnAccount>({ path: '/auth/me' }),
    usage: () => send<Record<string, unknown>>({ path: '/usage' }),
  };
}
