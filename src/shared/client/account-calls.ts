import type { z } from 'zod';

import type {
  Account,
  claimedSchema,
  OwnAccount,
  registerSchema,
  setupSchema,
  setupStateSchema,
  TokenPair,
  updateAccountSchema,
} from '../accounts.ts';
import type { Transport } from './create-transport.ts';

export type Credentials = { password: string } & ({ username: string } | { email: string });

/** Calls about accounts and sessions. With `session: 'cookie'` the server also signs the browser in by cookie. */
export function createAccountCalls({ send }: Transport) {
  const sessionHeader = (session: 'cookie' | undefined) =>
    session === undefined ? undefined : { 'x-session': session };
  return {
    register: (registration: z.input<typeof registerSchema>) =>
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
    /** Starts a guest session. */
    guest: (options: { session?: 'cookie' } = {}) =>
      send<TokenPair>({ method: 'POST', path: '/auth/guest', body: options }),
    /** Moves the chats of a guest to the account that is signed in. */
    claim: (guestToken?: string) =>
      send<z.infer<typeof claimedSchema>>({
        method: 'POST',
        path: '/auth/claim',
        body: guestToken === undefined ? {} : { guest_token: guestToken },
      }),
    me: () => send<OwnAccount>({ path: '/auth/me' }),
    updateMe: (change: z.input<typeof updateAccountSchema>) =>
      send<OwnAccount>({ method: 'PATCH', path: '/auth/me', body: change }),
    /** Whether the set-up link of the console is still open, and what it offers. */
    setupState: (token: string) =>
      send<z.infer<typeof setupStateSchema>>({ path: '/setup', query: { token } }),
    /** Makes the first admin and may choose the knowledge to begin with. */
    setUp: (token: string, setup: z.input<typeof setupSchema>) =>
      send<unknown>({ method: 'POST', path: '/setup', query: { token }, body: setup }),
    usage: () => send<Record<string, unknown>>({ path: '/usage' }),
  };
}
