import { z } from 'zod';

import { dollars, flag, hostNames, integer, list, text, url } from './setting-schemas.ts';

import { crashPoints } from './crash-points.ts';

type Setting<Schema extends z.ZodType> = {
  /** Validates the raw text; an absent setting arrives as undefined. */
  schema: Schema;
  description: string;
  group: string;
  /** Shown in `.env.example`; secrets have none. */
  example?: string;
  isSecret?: boolean;
};

function setting<Schema extends z.ZodType>(definition: Setting<Schema>): Setting<Schema> {
  return definition;
}

const retention = (description: string) =>
  setting({
    group: 'Retention',
    description,
    example: '0',
    schema: integer({ min: 0, max: 36_500, fallback: 0 }),
  });

/** Every setting of the server, by the name of its environment variable; each can also be given as NAME_FILE. */
export const settings = {
  APP_ENV: setting({
    group: 'Server',
    description: 'development or production; production refuses unsafe settings.',
    example: 'development',
    schema: z
      .enum(['development', 'production', 'test'], { error: 'must be development or production' })
      .optional()
      .transform((value) => value ?? 'development'),
  }),
  HOST: setting({
    group: 'Server',
    description: 'Address to listen on: 127.0.0.1 in development, 0.0.0.0 in production.',
    schema: text,
  }),
  PORT: setting({
    group: 'Server',
    description: 'Port to listen on.',
    example: '8000',
    schema: integer({ min: 0, max: 65_535, fallback: 8000 }),
  }),
  PUBLIC_URL: setting({ group: 'Server', description: 'Address that users type, for links.', schema: url }),
  ALLOWED_HOSTS: setting({
    group: 'Server',
    description:
      'Host names that requests may be for, separated by commas; default that of PUBLIC_URL, and any without it.',
    example: 'chat.example.org',
    schema: hostNames,
  }),
  TRUST_PROXY: setting({
    group: 'Server',
    description: 'true behind a reverse proxy, so that X-Forwarded-For names the client.',
    example: 'false',
    schema: flag(false),
  }),
  CORS_ORIGINS: setting({
    group: 'Server',
    description: 'JSON list of origins whose pages may call the API.',
    example: '["https://app.example.org"]',
    schema: z
      .string()
      .optional()
      .transform((value, context) => {
        if (value === undefined || value.trim() === '') return [];
        try {
          return z.array(z.string()).parse(JSON.parse(value));
        } catch {
          context.addIssue({
            code: 'custom',
            message: 'must be a JSON list such as ["https://app.example.org"]',
          });
          return z.NEVER;
        }
      }),
  }),
  ALLOW_ORIGINS: setting({
    group: 'Server',
    description: 'The same as CORS_ORIGINS, separated by commas.',
    schema: list,
  }),
  LOG_LEVEL: setting({
    group: 'Server',
    description: 'trace, debug, info, warn, error or silent; info in production, else warn.',
    example: 'info',
    schema: z
      .string()
      .toLowerCase()
      .pipe(z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']))
      .optional(),
  }),
  DATA_DIR: setting({
    group: 'Data',
    description: 'Folder of everything that must survive; absolute in production.',
    example: './data',
    schema: text,
  }),
  DATABASE_URL: setting({
    group: 'Data',
    description: 'sqlite:////absolute/path/app.db; default DATA_DIR/app.db.',
    schema: text,
  }),
  SQLITE_PATH: setting({
    group: 'Data',
    description: 'The same as a path; DATABASE_URL wins.',
    schema: text,
  }),
  SEED_SAMPLE: setting({
    group: 'Data',
    description: "Load the personas' sample knowledge on first start: on in development, off in production.",
    schema: flag(undefined),
  }),
  PERSONAS_DIR: setting({
    group: 'Data',
    description: 'Folder of persona packs; default the ones shipped.',
    schema: text,
  }),
  DEFAULT_PERSONA: setting({
    group: 'Data',
    description: 'Persona that answers when a request names none.',
    example: 'herman',
    schema: text,
  }),
  JWT_SECRET: setting({
    group: 'Security',
    description:
      'At least 32 random characters (openssl rand -hex 32); development makes its own in DATA_DIR.',
    isSecret: true,
    schema: text,
  }),
  JWT_SECRET_PREVIOUS: setting({
    group: 'Security',
    description: 'The former JWT_SECRET, accepted beside the new one for an hour after a change.',
    isSecret: true,
    schema: text,
  }),
  JWT_ALGORITHM: setting({
    group: 'Security',
    description:
      'How tokens are signed: HS256 with JWT_SECRET, or ES256 with keys that are made in DATA_DIR (`wwhd keys`).',
    example: 'HS256',
    schema: z
      .enum(['HS256', 'ES256'], { error: 'must be HS256 or ES256' })
      .optional()
      .transform((value) => value ?? 'HS256'),
  }),
  JWT_ISSUER: setting({ group: 'Security', description: 'Issuer of tokens.', example: 'wwhd', schema: text }),
  JWT_AUDIENCE: setting({
    group: 'Security',
    description: 'Audience of tokens.',
    example: 'wwhd-users',
    schema: text,
  }),
  ALLOW_GUESTS: setting({
    group: 'Security',
    description: 'Whether people without an account may ask: on in development, off in production.',
    schema: flag(undefined),
  }),
  REGISTRATION: setting({
    group: 'Security',
    description:
      'Who may make an account: open (anyone), invite (with an invitation of an admin) or closed (nobody).',
    example: 'open',
    schema: z
      .enum(['open', 'invite', 'closed'], { error: 'must be open, invite or closed' })
      .optional()
      .transform((value) => value ?? 'open'),
  }),
  REQUIRE_VERIFIED_EMAIL: setting({
    group: 'Security',
    description: 'true: an account can be used only after its address was confirmed by mail; needs SMTP_URL.',
    example: 'false',
    schema: flag(false),
  }),
  ADMIN_EMAIL: setting({
    group: 'Security',
    description: 'Unattended set-up: the first admin is made on start from this and ADMIN_PASSWORD.',
    schema: z.email().optional(),
  }),
  ADMIN_PASSWORD: setting({
    group: 'Security',
    description: 'Password of the first admin; give it as ADMIN_PASSWORD_FILE.',
    isSecret: true,
    schema: z.string().min(8, 'must have at least 8 characters').optional(),
  }),
  OIDC_ISSUER: setting({
    group: 'Single sign-on',
    description:
      'Address of an OpenID Connect provider, such as https://id.example.org/realms/main; users then sign in at /api/v1/auth/oidc/start. Register PUBLIC_URL/api/v1/auth/oidc/callback there.',
    schema: url,
  }),
  OIDC_CLIENT_ID: setting({
    group: 'Single sign-on',
    description: 'Name of this server at the provider.',
    example: 'wwhd',
    schema: text,
  }),
  OIDC_CLIENT_SECRET: setting({
    group: 'Single sign-on',
    description: 'Secret of this server at the provider.',
    isSecret: true,
    schema: text,
  }),
  OIDC_SCOPES: setting({
    group: 'Single sign-on',
    description: 'What the provider is asked for.',
    example: 'openid profile email',
    schema: text,
  }),
  OIDC_ROLE_CLAIM: setting({
    group: 'Single sign-on',
    description:
      'Claim with the groups or roles of a user, as groups or realm_access.roles; roles then follow it at each sign-in. Without it they are kept here.',
    example: 'groups',
    schema: text,
  }),
  OIDC_ADMIN_VALUES: setting({
    group: 'Single sign-on',
    description: 'Values of the claim, separated by commas, that make an admin.',
    example: 'wwhd-admins',
    schema: list,
  }),
  OIDC_CURATOR_VALUES: setting({
    group: 'Single sign-on',
    description: 'Values of the claim, separated by commas, that make a curator.',
    example: 'wwhd-curators',
    schema: list,
  }),
  SMTP_URL: setting({
    group: 'Mail',
    description:
      'Mail server, as smtp://user:password@host:587 or smtps://...:465. Without it development writes mails to the log, and production sends none.',
    isSecret: true,
    schema: z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// address' }).optional(),
  }),
  MAIL_FROM: setting({
    group: 'Mail',
    description: 'Sender of mails; needed with SMTP_URL.',
    example: 'WWHD <no-reply@example.org>',
    schema: text,
  }),
  RATE_LIMIT_PER_MINUTE: setting({
    group: 'Limits',
    description: 'Requests a minute of a signed-in user.',
    example: '60',
    schema: integer({ min: 1, max: 1_000_000, fallback: 60 }),
  }),
  GUEST_RATE_LIMIT_PER_MINUTE: setting({
    group: 'Limits',
    description: 'Questions a minute of a guest.',
    example: '10',
    schema: integer({ min: 1, max: 1_000_000, fallback: 10 }),
  }),
  MAX_CONCURRENT_TURNS: setting({
    group: 'Limits',
    description: 'Answers being written at once; more wait briefly, then 503.',
    example: '64',
    schema: integer({ min: 1, max: 10_000, fallback: 64 }),
  }),
  TOKENS_PER_DAY: setting({
    group: 'Limits',
    description: 'Tokens of the language model that one person may use a day (UTC); 0: no limit.',
    example: '0',
    schema: integer({ min: 0, max: 1_000_000_000, fallback: 0 }),
  }),
  COST_PER_DAY_USD: setting({
    group: 'Limits',
    description: 'Dollars that the answers of one persona may cost a day (UTC); 0: no limit.',
    example: '0',
    schema: dollars,
  }),
  TURNS_PER_USER: setting({
    group: 'Limits',
    description: 'Answers being written at once for one person.',
    example: '4',
    schema: integer({ min: 1, max: 10_000, fallback: 4 }),
  }),
  MESSAGE_RETENTION_DAYS: retention('Days after its last message that a chat is removed; 0: never.'),
  USAGE_RETENTION_DAYS: retention('Days that tokens and cost are kept by user and answer; 0: for good.'),
  AUDIT_RETENTION_DAYS: retention('Days that the audit log goes back; 0: to the beginning.'),
  CRASH_POINT: setting({
    group: 'Testing',
    description: 'Kills the server at a named point, for tests of durability only; refused in production.',
    schema: z.enum(crashPoints, { error: `must be one of ${crashPoints.join(', ')}` }).optional(),
  }),
  ENABLE_OPENAI: setting({
    group: 'Models',
    description: 'false: never call a language model, answer with excerpts only.',
    example: 'true',
    schema: flag(true),
  }),
  OPENAI_API_KEY: setting({
    group: 'Models',
    description: 'Key of an OpenAI-compatible provider; without it answers are excerpts.',
    isSecret: true,
    schema: text,
  }),
  OPENAI_BASE_URL: setting({
    group: 'Models',
    description: 'Address of an OpenAI-compatible server (Ollama, vLLM, LM Studio).',
    example: 'http://localhost:11434/v1',
    schema: url,
  }),
  OPENROUTER_API_KEY: setting({
    group: 'Models',
    description: 'Fallback provider.',
    isSecret: true,
    schema: text,
  }),
  MODEL_CHAT: setting({
    group: 'Models',
    description: 'Model that writes answers.',
    example: 'gpt-4o-mini',
    schema: text,
  }),
  MODEL_EMBED: setting({
    group: 'Models',
    description: 'Embedding model; setting it starts vector search and sends the knowledge to the provider.',
    schema: text,
  }),
  MODEL_ROUTING: setting({
    group: 'Models',
    description: 'true: the model chooses the specialist of a question when the router is not sure.',
    example: 'false',
    schema: flag(false),
  }),
  MODEL_STANDALONE: setting({
    group: 'Models',
    description: 'true: the model makes a follow-up a question of its own before the search.',
    example: 'false',
    schema: flag(false),
  }),
  MODEL_GUARD: setting({
    group: 'Models',
    description:
      'true: the model is asked about messages of which the guard is not sure; it can only raise care.',
    example: 'false',
    schema: flag(false),
  }),
  MODEL_TITLES: setting({
    group: 'Models',
    description: 'true: the model names a chat after its first answer.',
    example: 'false',
    schema: flag(false),
  }),
} as const;

export type SettingName = keyof typeof settings;
export type SettingValues = { [Name in SettingName]: z.output<(typeof settings)[Name]['schema']> };
