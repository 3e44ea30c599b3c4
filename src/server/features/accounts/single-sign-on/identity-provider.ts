import type * as OpenIdClient from 'openid-client';
import type { ClientAuth, Configuration } from 'openid-client';

import { AppError } from '../../../errors.ts';

export type ProviderSettings = { issuer: string; clientId: string; clientSecret: string; scopes: string };
/** What a sign-in has to remember until the browser comes back. */
export type Flow = { state: string; nonce: string; codeVerifier: string };
export type Claims = Readonly<Record<string, unknown>> & { sub: string };
export type IdentityProvider = ReturnType<typeof createIdentityProvider>;

const TIMEOUT_SECONDS = 10;

/**
 * Signs in by an OpenID Connect provider: authorization code with PKCE (RFC 7636), state and nonce. The provider is
 * asked for its addresses at the first sign-in, so that the start does not depend on it.
 * @param options.redirectUri where the provider sends the browser back to; must be registered there
 */
export function createIdentityProvider(options: { settings: ProviderSettings; redirectUri: string }) {
  const { settings, redirectUri } = options;
  let discovered: Promise<Configuration> | undefined;

  const discover = async (): Promise<Configuration> => {
    const client = await import('openid-client');
    const issuer = new URL(settings.issuer);
    const authentication = authenticateClient(client, settings.clientSecret);
    return client.discovery(issuer, settings.clientId, {}, authentication, {
      timeout: TIMEOUT_SECONDS,
      // The configuration allows http on the loopback only.
      execute: issuer.protocol === 'http:' ? [client.allowInsecureRequests] : [],
    });
  };
  const configuration = async (): Promise<Configuration> => {
    discovered ??= discover();
    try {
      return await discovered;
    } catch (cause) {
      discovered = undefined;
      throw new AppError('unavailable', 'Single sign-on cannot be reached now. Try again later.', { cause });
    }
  };

  return {
    issuer: settings.issuer,

    /** @returns the provider's page to send the browser to, and what to remember. @throws AppError `unavailable` */
    start: async (): Promise<{ url: URL; flow: Flow }> => {
      const provider = await configuration();
      const client = await import('openid-client');
      const flow = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        codeVerifier: client.randomPKCECodeVerifier(),
      };
      const url = client.buildAuthorizationUrl(provider, {
        redirect_uri: redirectUri,
        scope: settings.scopes,
        state: flow.state,
        nonce: flow.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(flow.codeVerifier),
        code_challenge_method: 'S256',
      });
      return { url, flow };
    },

    /**
     * Exchanges the code that the browser brings for what the provider says of the user: the claims of the ID token
     * and of its userinfo address.
     * @param query the query of the address the browser came back to, with its `?`
     * @throws AppError `invalid_token` when the sign-in was refused, forged or is not the one that was begun
     */
    finish: async (query: string, flow: Flow): Promise<Claims> => {
      const provider = await configuration();
      const client = await import('openid-client');
      try {
        const tokens = await client.authorizationCodeGrant(provider, new URL(query, redirectUri), {
          expectedState: flow.state,
          expectedNonce: flow.nonce,
          pkceCodeVerifier: flow.codeVerifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (claims === undefined) throw new Error('no ID token');
        if (provider.serverMetadata().userinfo_endpoint === undefined) return claims;
        return { ...claims, ...(await client.fetchUserInfo(provider, tokens.access_token, claims.sub)) };
      } catch (cause) {
        throw new AppError('invalid_token', 'Single sign-on did not succeed. Begin again.', { cause });
      }
    },
  };
}

/** HTTP Basic, the default of OpenID Connect, unless the provider says it takes the secret in the body only. */
function authenticateClient(client: typeof OpenIdClient, secret: string): ClientAuth {
  const [byHeader, byBody] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)];
  return (...given) => {
    const [server] = given;
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return (methods.includes('client_secret_basic') ? byHeader : byBody)(...given);
  };
}
