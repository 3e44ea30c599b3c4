import type { Role } from '../src/server/database/tables.ts';
import type { User } from '../src/server/features/accounts/accounts-store.ts';
import type { OpenedSession } from '../src/server/features/accounts/manage-sessions.ts';
import { csrfTokenOf } from '../src/server/http/cookies.ts';
import type { TestApp } from './build-app.ts';

type Accounts = Pick<TestApp, 'accounts'>;

/** The password of every user that the factories make. */
export const testPassword = 'TestPass123!';

let count = 0;

/** A user with a session; `headers` sign a request in with the access token. */
export async function buildUser(
  { accounts }: Accounts,
  overrides: Partial<{
    username: string;
    email: string;
    password: string;
    role: Exclude<Role, 'guest'>;
  }> = {},
): Promise<{ user: User; session: OpenedSession; headers: { authorization: string } }> {
  count += 1;
  const user = await accounts.users.createUser({
    username: `user${count}`,
    email: `user${count}@example.org`,
    password: testPassword,
    ...overrides,
  });
  const session = await accounts.sessions.open(user, 'test');
  return { user, session, headers: { authorization: `Bearer ${session.accessToken}` } };
}

/** A guest with a session by token. */
export async function buildGuest({ accounts }: Accounts) {
  const session = await accounts.sessions.openGuest('test');
  return { user: session.user, session, headers: { authorization: `Bearer ${session.accessToken}` } };
}

/** Headers of a page that holds a session in cookies. */
export function cookieHeaders(session: OpenedSession): { cookie: string; 'x-csrf-token': string } {
  const name = session.user.role === 'guest' ? 'wwhd_guest' : 'wwhd_session';
  return { cookie: `${name}=${session.refreshToken}`, 'x-csrf-token': csrfTokenOf(session.refreshToken) };
}

/** A chat of a user, without messages. @returns its id */
export async function buildChat({ database, clock }: Pick<TestApp, 'database' | 'clock'>, userId: number) {
  const createdAt = clock.now().toISOString();
  const row = await database
    .insertInto('chats')
    .values({
      userId,
      personaId: 'herman',
      title: 'A chat',
      isTitleSet: 0,
      isPinned: 0,
      isArchived: 0,
      headMessageId: null,
      tokensUsed: 0,
      costMicros: 0,
      createdAt,
      updatedAt: createdAt,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}
