import type { z } from 'zod';

import type {
  acceptedSchema,
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

export type Credentials = { password: string; otp?: string | undefined } & (
  | { username: string }
  | { email: string }
);

/** The answer when a mail says how to go on. */
export type Accepted = z.infer<typeof acceptedSchema>;

/** Calls about accounts and sessions. With `session: 'cookie'` the server also signs the browser in by cookie. */
export function createAccountCalls({ send }: Transport) {
  const sessionHeader = (session: 'cookie' | undefined) =>
    session === undefined ? undefined : { 'x-session': session };
  return {
    /** Makes an account; where addresses must be confirmed first, the answer says so instead. */
    register: (registration: z.input<typeof registerSchema>, options: { session?: 'cookie' } = {}) =>
      send<Account | Accepted>({
        method: 'POST',
        path: '/auth/register',
        body: registration,
        headers: sessionHeader(options.session),
      }),
    /** Asks for a mail to choose a new password; the answer is the same whether or not there is an account. */
    forgot: (email: string) => send<Accepted>({ method: 'POST', path: '/auth/forgot', body: { email } }),
    /** Chooses a new password with the token of a mail; all sessions end. */
    reset: (token: string, password: string) =>
      send<void>({ method: 'POST', path: '/auth/reset', body: { token, password } }),
    /** Confirms an address with the token of a mail. */
    verify: (token: string) => send<void>({ method: 'POST', path: '/auth/verify', body: { token } }),
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
