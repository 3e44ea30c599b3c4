import type { Kysely } from 'kysely';
import { z } from 'zod';

import type { Tables } from '../../../database/tables.ts';
import { AppError } from '../../../errors.ts';
import type { User } from '../accounts-store.ts';
import type { Sealer } from '../second-factor/seal-secret.ts';
import { findAccount } from './find-account.ts';
import { createIdentityProvider, type ProviderSettings } from './identity-provider.ts';
import type { RoleRules } from './map-role.ts';

export type SingleSignOn = ReturnType<typeof createSingleSignOn>;

const FLOW_MS = 10 * 60 * 1000;
const CONTEXT = 'single sign-on';
const flowSchema = z.object({
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  expiresAt: z.number(),
});

/**
 * Signing in by a provider. What a sign-in has to remember travels encrypted in a cookie of ten minutes, so that any
 * replica can finish it, and only the browser that began it.
 * @param options.baseUrl where users reach this server
 */
export function createSingleSignOn(options: {
  database: Kysely<Tables>;
  settings: ProviderSettings & { roles: RoleRules };
  baseUrl: string;
  sealer: Sealer;
  now: () => Date;
}) {
  const { database, settings, baseUrl, sealer, now } = options;
  const redirectUri = `${baseUrl}/api/v1/auth/oidc/callback`;
  const provider = createIdentityProvider({ settings, redirectUri });

  return {
    /** @returns the provider's page, and what the browser keeps. @throws AppError `unavailable` */
    start: async (): Promise<{ url: string; flowToken: string }> => {
      const { url, flow } = await provider.start();
      const content = JSON.stringify({ ...flow, expiresAt: now().getTime() + FLOW_MS });
      return { url: url.href, flowToken: sealer.seal(Buffer.from(content), CONTEXT) };
    },

    /**
     * The account of who comes back, linked or made now.
     * @param query the query of the address, with its `?`
     * @throws AppError `invalid_token`, `forbidden`, `conflict`, `unavailable`
     */
    finish: async (query: string, flowToken: string): Promise<User> => {
      const content = sealer.open(flowToken, CONTEXT);
      const flow =
        content === undefined ? undefined : flowSchema.parse(JSON.parse(Buffer.from(content).toString()));
      if (flow === undefined || flow.expiresAt <= now().getTime()) {
        throw new AppError(
          'invalid_token',
          'This sign-in was not begun here, or took too long. Begin again.',
        );
      }
      const claims = await provider.finish(query, flow);
      return findAccount({ database, now, issuer: provider.issuer, claims, rules: settings.roles });
    },
  };
}
