import { type Account, type AccountSettings, accountSettingsSchema } from '../../../shared/accounts.ts';
import type { User } from './accounts-store.ts';

/** The user as the API shows it; no hash, no versions. */
export function presentUser(user: User): Account {
  return {
    id: user.id,
    email: user.email,
    username: user.username,
    name: user.name,
    role: user.role,
    is_active: user.isActive === 1,
    is_admin: user.role === 'admin',
    created_at: user.createdAt,
  };
}

/** The user's preferences; those of a version that is gone are left out. */
export function readSettings(user: User): AccountSettings {
  const parsed = accountSettingsSchema.strip().safeParse(JSON.parse(user.settings));
  return parsed.success ? parsed.data : {};
}
