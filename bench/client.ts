import { adminAccount } from './start-server.ts';

export type BenchUser = { origin: string; token: string };

const userPassword = 'seven-lanterns-42';

/** Signs in. @returns the answer's status and the access token */
export async function signIn(origin: string, credentials: { username: string; password: string }) {
  const response = await fetch(`${origin}/api/v1/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(credentials),
  });
  const body = (await response.json()) as { access_token?: string };
  return { status: response.status, token: body.access_token ?? '' };
}

/** Makes an ordinary user and signs in. @throws when the server refuses */
export async function createUser(origin: string, username = 'reader'): Promise<BenchUser> {
  const account = { username, email: `${username}@example.org`, password: userPassword };
  const response = await fetch(`${origin}/api/v1/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(account),
  });
  if (response.status !== 201) throw new Error(`/auth/register answered ${await response.text()}`);
  await response.body?.cancel();
  const { token } = await signIn(origin, account);
  return { origin, token };
}

/** Signs in as the admin that the environment made. */
export async function signInAdmin(origin: string): Promise<BenchUser> {
  const { token } = await signIn(origin, { username: adminAccount.email, password: adminAccount.password });
  return { origin, token };
}

/** Sends a request with a user's token. @throws with the body when the answer is none of 2xx */
export async function send(user: BenchUser, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${user.token}` };
  const response = await fetch(`${user.origin}${path}`, { ...init, headers });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response;
}

/** Asks a question in a new chat. @returns the answer's status (complete, refused, ...), action and number of sources */
export async function ask(user: BenchUser, content: string) {
  const response = await send(user, '/api/v1/chat/chat', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ content }),
  });
  return (await response.json()) as { id: number; content: string; status: string; sources: unknown[] };
}

/** How long a piece of work takes, in milliseconds. */
export async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
