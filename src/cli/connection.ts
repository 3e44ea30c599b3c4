import { type ApiClient, createApiClient } from '../shared/api-client.ts';
import { ApiError } from '../shared/client/api-error.ts';
import type { Fetch } from '../shared/client/create-transport.ts';
import { type CommandContext, readConfig, readVariables, usageMistake } from './command-context.ts';
import { keepCookies } from './keep-cookies.ts';

export type Connection = { client: ApiClient; address: string; close: () => Promise<void> };

type Target = { apiUrl?: string | undefined; apiToken?: string | undefined };

const PROBE_TIMEOUT_MS = 1_000;

/** The token to use: the option, else WWHD_API_TOKEN. */
export function readApiToken(context: CommandContext, given: string | undefined): string | undefined {
  return given ?? (readVariables(context)['WWHD_API_TOKEN'] || undefined);
}

/** The address of the server: the option, else WWHD_API_URL, else the port of the configuration on this machine. */
export function readApiUrl(context: CommandContext, given: string | undefined): string {
  const named = given ?? (readVariables(context)['WWHD_API_URL'] || undefined);
  if (named === undefined) return `http://127.0.0.1:${readConfig(context).server.port}`;
  if (!/^https?:\/\/[^/]/i.test(named) || !URL.canParse(named))
    throw usageMistake(`"${named}" is no address of a server. Give one such as http://127.0.0.1:8000.`);
  return named.replace(/\/+$/, '').replace(/\/api\/v1$/, '');
}

/** A client of a server that must be running. @throws ConfigError when the configuration has to be read and is broken */
export function connectToServer(context: CommandContext, target: Target): Promise<Connection> {
  const address = readApiUrl(context, target.apiUrl);
  const fetchFunction: Fetch = (url, init) => globalThis.fetch(url, init);
  const client = createApiClient({
    baseUrl: address,
    token: readApiToken(context, target.apiToken),
    fetch: keepCookies(fetchFunction),
  });
  return Promise.resolve({ client, address, close: () => Promise.resolve() });
}

/**
 * A client of the running server, or, when none was named and none runs on this machine, of one inside this process.
 * @throws CommandFailure, ConfigError, AppError
 */
export async function connect(context: CommandContext, target: Target): Promise<Connection> {
  const isNamed = target.apiUrl !== undefined || (readVariables(context)['WWHD_API_URL'] ?? '') !== '';
  const remote = await connectToServer(context, target);
  if (isNamed || (await isServer(remote.client))) return remote;
  const { openLocal } = await import('./open-local.ts');
  return openLocal(context, readConfig(context));
}

/** Whether a WWHD server answers there, in whatever state of health. */
async function isServer(client: ApiClient): Promise<boolean> {
  try {
    const health = await client.health({ timeoutMs: PROBE_TIMEOUT_MS });
    return typeof health?.components === 'object';
  } catch (error) {
    // An unhealthy server answers 503; anything else is nobody, or another program on that port.
    return error instanceof ApiError && error.status === 503;
  }
}
