import { z } from 'zod';

export const roleSchema = z.enum(['guest', 'user', 'curator', 'admin']);

export const accountSchema = z.object({
  id: z.int(),
  email: z.string().nullable(),
  username: z.string(),
  name: z.string().nullable(),
  role: roleSchema,
  is_active: z.boolean(),
  is_admin: z.boolean(),
  created_at: z.string(),
});
export type Account = z.infer<typeof accountSchema>;

const email = z
  .string()
  .trim()
  .max(254, 'must have at most 254 characters')
  .pipe(z.email({ error: 'must be an e-mail address such as ada@example.org' }));
const username = z
  .string()
  .trim()
  .min(3, 'must have at least 3 characters')
  .max(50, 'must have at most 50 characters')
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$/u,
    'must begin with a letter or digit and hold only letters, digits, ".", "_" and "-"',
  );
const name = z.string().trim().max(100, 'must have at most 100 characters');
const newPassword = z
  .string()
  .min(8, 'must have at least 8 characters')
  .max(200, 'must have at most 200 characters');
const anyPassword = z.string().min(1, 'is required').max(1_000, 'is too long to be a password');
const otp = z.string().trim().max(50, 'is too long to be a code');
const session = z.literal('cookie', { error: 'must be "cookie" or left out' });

export const registerSchema = z.object({
  username,
  email,
  password: newPassword,
  name: name.nullish(),
  full_name: name.nullish(),
  invitation: z.string().trim().min(1).max(200).nullish().describe('Token of an invitation'),
});
export type Registration = z.infer<typeof registerSchema>;

/** The answer when a mail says how to go on, or that there is nothing to do. */
export const acceptedSchema = z.object({ status: z.literal('accepted'), detail: z.string() });

const mailToken = z.string().trim().min(1, 'is required').max(200);
export const forgotSchema = z.object({ email });
export const resetSchema = z.object({ token: mailToken, password: newPassword });
export const verifySchema = z.object({ token: mailToken });

/** A sign-in by JSON or form; `username` may be the e-mail address. */
export const credentialsSchema = z
  .object({
    username: z.string().max(254).nullish(),
    email: z.string().max(254).nullish(),
    password: anyPassword,
    otp: otp.nullish().describe('A code of the authenticator app, or a recovery code'),
    session: session.nullish(),
  })
  .refine(({ username, email }) => Boolean(username?.trim() || email?.trim()), {
    path: ['username'],
    message: 'is required (or email)',
  });

export const tokenPairSchema = z.object({
  access_token: z.string(),
  token_type: z.literal('bearer'),
  expires_in: z.int().describe('Seconds until the access token ends'),
  refresh_token: z.string().nullable().describe('null in a browser session, whose cookie holds it'),
});
export type TokenPair = z.infer<typeof tokenPairSchema>;

export const refreshSchema = z.object({ refresh_token: z.string().max(200).nullish() }).nullish();
export const claimSchema = z.object({ guest_token: z.string().max(4_096).nullish() }).nullish();
export const claimedSchema = z.object({ moved_chats: z.int() });
export const guestSchema = z.object({ session: session.nullish() }).nullish();

/** Preferences of a user; unknown ones are refused, so that a misspelt one is noticed. */
export const accountSettingsSchema = z.strictObject({
  theme: z.enum(['light', 'dark', 'system']).optional(),
  language: z
    .string()
    .regex(/^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$/, 'must be a language tag such as en or pt-BR')
    .max(35)
    .optional(),
  persona: z.string().min(1).max(100).nullable().optional(),
});
export type AccountSettings = z.infer<typeof accountSettingsSchema>;

export const ownAccountSchema = accountSchema.extend({
  email_verified: z.boolean(),
  settings: accountSettingsSchema,
  usage: z.object({
    tokens_used_today: z.int(),
    tokens_limit_daily: z.int().nullable(),
    cost_today: z.number().describe('US dollars'),
  }),
});
export type OwnAccount = z.infer<typeof ownAccountSchema>;

const row = z.record(z.string(), z.unknown());
export const personalDataSchema = z.object({
  exported_at: z.string(),
  account: row,
  tables: z.record(z.string(), z.array(row)).describe('Rows by table, without hashes and secrets'),
});

export const updateAccountSchema = z.object({
  name: name.nullable().optional(),
  settings: accountSettingsSchema.optional(),
  email: email.optional().describe('Needs current_password; changes when the mailed link is opened'),
  password: newPassword.optional(),
  current_password: anyPassword.optional(),
});

export const sessionSchema = z.object({
  id: z.string(),
  user_agent: z.string().nullable(),
  created_at: z.string(),
  refreshed_at: z.string(),
  expires_at: z.string(),
  is_current: z.boolean(),
});
export const sessionListSchema = z.object({ sessions: z.array(sessionSchema) });

export const scopeSchema = z.enum(['read', 'chat', 'knowledge', 'admin']);
export type Scope = z.infer<typeof scopeSchema>;

export const createApiKeySchema = z.object({
  name: z.string().trim().min(1, 'is required').max(100),
  scopes: z.array(scopeSchema).min(1).max(4).optional(),
  expires_at: z.iso
    .datetime({ offset: true, error: 'must be a time such as 2027-01-31T00:00:00Z' })
    .nullish(),
});

export const apiKeySchema = z.object({
  id: z.int(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(scopeSchema),
  created_at: z.string(),
  expires_at: z.string().nullable(),
  last_used_at: z.string().nullable(),
});
export const apiKeyListSchema = z.object({ api_keys: z.array(apiKeySchema) });
export const createdApiKeySchema = apiKeySchema.extend({
  key: z.string().describe('The secret; shown this once'),
});

export const setupStateSchema = z.object({ is_open: z.literal(true), can_load_sample: z.boolean() });
export const setupSchema = z.object({
  email,
  username: username.nullish(),
  password: newPassword,
  name: name.nullish(),
  knowledge: z.enum(['sample', 'empty']).nullish(),
});

const staffRole = z.enum(['user', 'curator', 'admin'], { error: 'must be user, curator or admin' });

export const userListSchema = z.object({
  users: z.array(accountSchema),
  total: z.int(),
  page: z.int(),
  per_page: z.int(),
});
export const updateUserSchema = z
  .object({ role: staffRole.optional(), is_active: z.boolean().optional() })
  .refine(({ role, is_active: isActive }) => role !== undefined || isActive !== undefined, {
    message: 'give role or is_active',
  });

export const createInvitationSchema = z
  .object({
    email: email.nullish().describe('The only address that may use it'),
    role: staffRole.nullish(),
    expires_in_days: z.int().min(1).max(90).nullish(),
  })
  .nullish()
  .transform((input) => input ?? {});
export const invitationSchema = z.object({
  id: z.int(),
  email: z.string().nullable(),
  role: staffRole,
  created_at: z.string(),
  expires_at: z.string(),
  used_at: z.string().nullable(),
  used_by: z.int().nullable(),
});
export type Invitation = z.infer<typeof invitationSchema>;
export const invitationListSchema = z.object({ invitations: z.array(invitationSchema) });
export const createdInvitationSchema = invitationSchema.extend({
  token: z.string().describe('The secret; shown this once'),
});

/** What proves a person who is signed in already. */
export const proofSchema = z.object({ current_password: anyPassword, otp: otp.nullish() });
export const confirmSecondFactorSchema = z.object({ otp });
export const secondFactorSchema = z.object({
  is_enabled: z.boolean(),
  enabled_at: z.string().nullable(),
  recovery_codes_left: z.int(),
});
export const enrolledSecondFactorSchema = z.object({
  secret: z.string().describe('Base32, for typing into the app'),
  url: z.string().describe('otpauth:// address, for a QR code'),
});
export const recoveryCodesSchema = z.object({
  recovery_codes: z.array(z.string()).describe('Each works once; shown this once'),
});
