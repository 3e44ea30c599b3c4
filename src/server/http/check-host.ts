import { AppError } from '../errors.ts';
import type { App } from './http-app.ts';

/**
 * Refuses requests for a host name that is not ours, so that no other name can be made to point here (DNS rebinding)
 * or to appear in links. Health checks, which ask by address, are let through.
 * @param options.allowedHosts names without port; empty lets everything through
 */
export function checkHost(app: App, options: { allowedHosts: readonly string[] }): void {
  const allowed = new Set(options.allowedHosts);
  if (allowed.size === 0) return;
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.servesWhileDraining === true) return;
    const host = URL.parse(`http://${request.headers.host ?? ''}`)?.hostname ?? '';
    if (allowed.has(host)) return;
    throw new AppError(
      'malformed_request',
      'This server does not answer to that host name; see ALLOWED_HOSTS.',
    );
  });
}
