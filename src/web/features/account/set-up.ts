import { createTransport } from '../../../shared/client/create-transport.ts';
import { readForm } from './read-form.ts';

/** What an open set-up link allows. */
export type SetupState = { is_open: true; can_load_sample: boolean };

const transport = createTransport({ baseUrl: '' });

/** Whether the link of the server's console still holds. @throws ApiError when it does not */
export function readSetup(token: string): Promise<SetupState> {
  return transport.send<SetupState>({ path: '/setup', query: { token } });
}

/** Makes the first admin from the fields of the form and signs this browser in. @throws ApiError */
export async function finishSetup(token: string, form: FormData): Promise<void> {
  await transport.send({
    method: 'POST',
    path: '/setup',
    query: { token },
    headers: { 'x-session': 'cookie' },
    body: readForm(form),
    // Reading the sample knowledge takes longer than a plain request.
    timeoutMs: 120_000,
  });
}
