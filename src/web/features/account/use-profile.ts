import { useEffect, useState } from 'react';

import type { OwnAccount } from '../../../shared/accounts.ts';
import { api, describeProblem, hasSession } from '../../api.ts';

/** Who is signed in; null for guests and while nobody knows. `reload` asks the server again. */
export function useProfile() {
  const [profile, setProfile] = useState<OwnAccount | null>(null);
  useEffect(() => {
    let isWanted = true;
    const load = async () => {
      const account = await readProfile();
      if (isWanted) setProfile(account);
    };
    void load();
    return () => {
      isWanted = false;
    };
  }, []);
  return { profile, reload: async () => setProfile(await readProfile()) };
}

/** The account of this browser's session, or null for a guest. */
async function readProfile(): Promise<OwnAccount | null> {
  if (!hasSession()) return null;
  try {
    const account = await api.auth.me();
    return account.role === 'guest' ? null : account;
  } catch (error) {
    // The cookie of a session that has ended would spoil every request; a guest can go on without it.
    const isStale = describeProblem(error).code === 'invalid_token';
    if (isStale) await api.auth.signOut().catch(() => undefined);
    return null;
  }
}
