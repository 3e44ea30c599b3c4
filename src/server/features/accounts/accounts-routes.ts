import type { Config } from '../../config.ts';
import type { SessionCookies } from '../../http/cookies.ts';
import type { App } from '../../http/http-app.ts';
import type { Accounts } from './create-accounts.ts';
import { registerAdminRoutes } from './routes/admin-routes.ts';
import { registerApiKeyRoutes } from './routes/api-key-routes.ts';
import { registerProfileRoutes } from './routes/profile-routes.ts';
import { registerRegistrationRoutes } from './routes/registration-routes.ts';
import { registerSecondFactorRoutes } from './routes/second-factor-routes.ts';
import { registerSessionRoutes } from './routes/session-routes.ts';
import { registerSetupRoutes } from './routes/setup-routes.ts';
import { registerSignInRoutes } from './routes/sign-in-routes.ts';
import { registerSingleSignOnRoutes } from './routes/single-sign-on-routes.ts';

/** What the routes of accounts work with. */
export type AccountsDependencies = {
  accounts: Accounts;
  cookies: SessionCookies;
  config: Pick<Config, 'security' | 'limits'>;
  /** Loads the personas' sample knowledge when the first admin asks for it; left out, that is not offered. */
  loadSampleKnowledge?: () => Promise<void>;
};

/** Registers the routes of accounts under /api/v1: registration, sessions, guests, profile, API keys, set-up. */
export function registerAccounts(app: App, dependencies: AccountsDependencies): void {
  registerRegistrationRoutes(app, dependencies);
  registerSignInRoutes(app, dependencies);
  registerSessionRoutes(app, dependencies);
  registerProfileRoutes(app, dependencies);
  registerApiKeyRoutes(app, dependencies);
  registerSetupRoutes(app, dependencies);
  registerSecondFactorRoutes(app, dependencies);
  registerSingleSignOnRoutes(app, dependencies);
  registerAdminRoutes(app, dependencies);
}
