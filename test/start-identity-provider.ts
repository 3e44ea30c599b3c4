import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Provider } from 'oidc-provider';

export type TestPerson = { sub: string } & Record<string, unknown>;

/**
 * A real OpenID Connect provider on the loopback, where whoever comes is signed in as `person.current` without being
 * asked; undefined means that the person says no.
 * @param options.redirectUri of the one client, whose id and secret are returned
 */
export async function startIdentityProvider(options: { redirectUri: string }) {
  const person: { current: TestPerson | undefined } = { current: undefined };
  const client = { clientId: 'wwhd-test', clientSecret: 'a secret of the test provider only' };
  let handle: ReturnType<Provider['callback']> | undefined;
  const server = createServer((request, response) => void handle?.(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [options.redirectUri],
      },
    ],
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'preferred_username', 'groups'],
    },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: ['a key of the test provider only'] },
    ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    pkce: { required: () => true },
    findAccount: (_context, accountId) => ({
      accountId,
      claims: () => ({ ...person.current, sub: accountId }),
    }),
    loadExistingGrant: async (context) => {
      const accountId = context.oidc.session?.accountId;
      const grant = new provider.Grant({
        clientId: client.clientId,
        ...(accountId === undefined ? {} : { accountId }),
      });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  handle = async (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return answer(request, response);
    const result =
      person.current === undefined
        ? { error: 'access_denied' }
        : { login: { accountId: person.current.sub, remember: false } };
    await provider.interactionFinished(request, response, result);
  };
  return {
    issuer,
    ...client,
    person,
    /** What a browser does there: follows redirects, keeping cookies. @returns the address it is sent back to */
    browse: async (start: string): Promise<string> => {
      const cookies = new Map<string, string>();
      let url = start;
      while (url.startsWith(issuer)) {
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
        for (const line of response.headers.getSetCookie()) {
          const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s);
          cookies.set(name, value);
        }
        const location = response.headers.get('location');
        if (location === null) throw new Error(`${response.status} ${await response.text()}`);
        url = new URL(location, url).href;
      }
      return url;
    },
    close: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}
