import type { OpenAI } from 'openai';

/** Where an OpenAI-compatible server is and how to sign in. */
export type ModelEndpoint = {
  /** With its version, such as `http://localhost:11434/v1`; undefined is OpenAI itself. */
  baseUrl: string | undefined;
  apiKey: string;
};

const OPENAI_URL = 'https://api.openai.com/v1';
/** Only a last resort: every call has its own, shorter limit. */
const CLIENT_TIMEOUT_MS = 10 * 60_000;

/**
 * The `openai` client of an endpoint, loaded at the first use because it costs 150 ms and 35 MB. It never retries, and
 * the keys, organisation and address that another program may have left in the environment are not taken.
 */
export function createOpenAiClient(endpoint: ModelEndpoint): () => Promise<OpenAI> {
  let client: Promise<OpenAI> | undefined;
  const load = async () => {
    const { OpenAI } = await import('openai');
    return new OpenAI({
      baseURL: endpoint.baseUrl ?? OPENAI_URL,
      apiKey: endpoint.apiKey,
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      maxRetries: 0,
      timeout: CLIENT_TIMEOUT_MS,
      logLevel: 'off',
    });
  };
  return () => (client ??= load());
}
