import { ApiError } from '../../../shared/client/api-error.ts';
import { api } from '../../api.ts';

/**
 * Sends the token of a mailed link. A session of this browser that has ended would have it refused, so such a session
 * is given up and the token sent once more.
 * @throws ApiError
 */
export async function spendToken<Answer>(send: () => Promise<Answer>): Promise<Answer> {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'invalid_token') throw error;
    await api.auth.signOut().catch(() => undefined);
    return send();
  }
}
