import { join } from 'node:path';

import type { Config } from '../../server/config.ts';
import { loadPacks, PackError } from '../../server/features/personas/load-pack.ts';
import { installationFolder } from '../../server/installation.ts';
import { createApiClient } from '../../shared/api-client.ts';
import { ApiError } from '../../shared/client/api-error.ts';
import type { Fetch } from '../../shared/client/create-transport.ts';

import { type Check, ok, problem, reasonOf, warning } from './check.ts';

const TIMEOUT_MS = 5_000;
const OPENAI_URL = 'https://api.openai.com/v1';

/** Whether every persona pack can be read, and the default persona is among them. */
export function checkPersonas(personas: Config['personas']): Check[] {
  try {
    const packs = loadPacks(personas.folder ?? join(installationFolder, 'personas'));
    const ids = packs.map((pack) => pack.id);
    if (personas.defaultId !== undefined && !ids.includes(personas.defaultId)) {
      const detail = `DEFAULT_PERSONA is "${personas.defaultId}", and there is no such pack.`;
      return [problem('personas', { detail, fix: `Set it to one of ${ids.join(', ')}.` })];
    }
    return [ok('personas', ids.join(', '))];
  } catch (error) {
    const problems = error instanceof PackError ? error.problems : [reasonOf(error)];
    return problems.map((detail) =>
      problem('personas', { detail, fix: 'Correct the pack and run this again.' }),
    );
  }
}

/** Whether each configured provider answers `GET /models`, and offers the model that is configured. */
export async function checkModels(models: Config['models'], fetchFunction: Fetch): Promise<Check[]> {
  if (models.providers.length === 0) {
    return [ok('language model', 'none configured: answers are excerpts of the knowledge')];
  }
  const endpoints = [
    ...models.providers.map((provider) => ({ ...provider, name: `language model (${provider.name})` })),
    ...(models.embedding === undefined ? [] : [{ ...models.embedding, name: 'embedding model' }]),
  ];
  return Promise.all(endpoints.map((endpoint) => checkEndpoint(endpoint, fetchFunction)));
}

async function checkEndpoint(
  endpoint: { name: string; baseUrl: string | undefined; apiKey: string; model: string },
  fetchFunction: Fetch,
): Promise<Check> {
  const { name, apiKey, model } = endpoint;
  const baseUrl = (endpoint.baseUrl ?? OPENAI_URL).replace(/\/+$/, '');
  try {
    const response = await fetchFunction(`${baseUrl}/models`, {
      headers: { authorization: `Bearer ${apiKey}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status === 401 || response.status === 403) {
      const detail = `${baseUrl} does not accept the key (${response.status}).`;
      return problem(name, { detail, fix: 'Set a valid key, or ENABLE_OPENAI=false for excerpts.' });
    }
    if (!response.ok) {
      const detail = `${baseUrl}/models answers ${response.status}.`;
      return warning(name, {
        detail,
        fix: 'Check OPENAI_BASE_URL; answers are excerpts while the model is away.',
      });
    }
    const ids = modelIds(await response.json());
    if (ids.length === 0 || ids.includes(model)) return ok(name, `${model} at ${baseUrl}`);
    const detail = `${baseUrl} does not list the model "${model}".`;
    return warning(name, {
      detail,
      fix: `Set MODEL_CHAT or MODEL_EMBED to one of ${ids.slice(0, 5).join(', ')} ...`,
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const detail = `${baseUrl} cannot be reached (${reasonOf(cause)}).`;
    return problem(name, { detail, fix: 'Check OPENAI_BASE_URL and the network.' });
  }
}

function modelIds(body: unknown): string[] {
  const data: unknown = typeof body === 'object' && body !== null && 'data' in body ? body.data : [];
  if (!Array.isArray(data)) return [];
  return data.flatMap((entry: unknown) =>
    typeof entry === 'object' && entry !== null && 'id' in entry && typeof entry.id === 'string'
      ? [entry.id]
      : [],
  );
}

/** What the server at an address says of its health; no server there is well, it need not run. */
export async function checkServer(address: string, fetchFunction: Fetch): Promise<Check> {
  const client = createApiClient({ baseUrl: address, fetch: fetchFunction, timeoutMs: TIMEOUT_MS });
  try {
    const health = await client.health();
    if (health.status === 'healthy')
      return ok('server', `${address} is healthy (version ${health.version}).`);
    const parts = Object.entries(health.components).filter(([, state]) => state !== 'operational');
    const detail = `${address} is ${health.status}: ${parts.map(([part, state]) => `${part} is ${state}`).join(', ')}.`;
    return warning('server', { detail, fix: 'Look into its log.' });
  } catch (error) {
    if (error instanceof ApiError && error.code === 'unreachable')
      return ok('server', `none runs at ${address}`);
    const detail = `${address}: ${reasonOf(error)}`;
    return problem('server', {
      detail,
      fix: 'Look into its log, or set PORT if another program answers there.',
    });
  }
}
