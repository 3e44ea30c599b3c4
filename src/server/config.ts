import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';

import type { z } from 'zod';

import { settings, type SettingName, type SettingValues } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a secret file: its text, and whether everyone on the machine can read it. */
export type ReadSecretFile = (path: string) => { text: string; isWorldReadable: boolean };

/** The configuration is unusable; `problems` has one line each, with its fix. */
export class ConfigError extends Error {
  readonly problems: string[];

  constructor(problems: string[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((line) => `  - ${line}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export type Config = ReturnType<typeof loadConfig>;

const MINIMUM_SECRET_LENGTH = 32;
const OPENROUTER_URL = 'https://openrouter.ai/api/v1';

/**
 * Turns environment variables into the frozen, grouped configuration. Pure but for reading the `*_FILE` it is told of.
 * @param options.env the variables; later callers merge `.env` below the process environment
 * @param options.baseFolder what relative paths are relative to
 * @throws ConfigError with all problems at once
 */
export function loadConfig(options: { env: Environment; baseFolder: string; readSecret?: ReadSecretFile }) {
  const problems: string[] = [];
  const worldReadable: string[] = [];
  const raw = resolveFiles({ ...options, problems, worldReadable });
  const values = parseSettings(raw, problems);
  const isProduction = values.APP_ENV === 'production';
  const { databasePath, dataFolder, warnings } = locateData(values, options.baseFolder, problems);
  const corsOrigins = [...new Set([...(values.CORS_ORIGINS ?? []), ...(values.ALLOW_ORIGINS ?? [])])];
  checkMail(values, problems);
  checkSingleSignOn(values, problems);
  if (isProduction) checkProduction({ values, corsOrigins, worldReadable, problems });
  if (problems.length > 0) throw new ConfigError(problems);
  const environment = values.APP_ENV ?? 'development';
  return Object.freeze({
    environment,
    isProduction,
    warnings,
    server: {
      host: values.HOST ?? (isProduction ? '0.0.0.0' : '127.0.0.1'),
      port: values.PORT,
      publicUrl: values.PUBLIC_URL,
      trustProxy: values.TRUST_PROXY ?? false,
      corsOrigins,
      allowedHosts: allowedHostsOf(values, isProduction),
    },
    log: { level: values.LOG_LEVEL ?? (isProduction ? 'info' : 'warn') },
    data: { folder: dataFolder, databasePath },
    personas: {
      folder:
        values.PERSONAS_DIR === undefined ? undefined : resolve(options.baseFolder, values.PERSONAS_DIR),
      defaultId: values.DEFAULT_PERSONA,
      seedSample: values.SEED_SAMPLE ?? !isProduction,
    },
    security: {
      jwtAlgorithm: values.JWT_ALGORITHM ?? 'HS256',
      jwtSecret: values.JWT_SECRET,
      jwtSecretPrevious: values.JWT_SECRET_PREVIOUS,
      jwtIssuer: values.JWT_ISSUER ?? 'wwhd',
      jwtAudience: values.JWT_AUDIENCE ?? 'wwhd-users',
      allowGuests: values.ALLOW_GUESTS ?? !isProduction,
      registration: values.REGISTRATION ?? 'open',
      requiresVerifiedEmail: values.REQUIRE_VERIFIED_EMAIL ?? false,
      oidc: oidcOf(values),
      admin:
        values.ADMIN_EMAIL !== undefined && values.ADMIN_PASSWORD !== undefined
          ? { email: values.ADMIN_EMAIL, password: values.ADMIN_PASSWORD }
          : undefined,
    },
    mail: { smtpUrl: values.SMTP_URL, from: values.MAIL_FROM },
    limits: {
      userPerMinute: values.RATE_LIMIT_PER_MINUTE,
      guestPerMinute: values.GUEST_RATE_LIMIT_PER_MINUTE,
      concurrentTurns: values.MAX_CONCURRENT_TURNS,
      turnsPerUser: values.TURNS_PER_USER,
      /** 0: no limit; so for the next. */
      tokensPerDay: values.TOKENS_PER_DAY,
      costMicrosPerDay: Math.round(values.COST_PER_DAY_USD * 1_000_000),
    },
    retention: {
      messageDays: values.MESSAGE_RETENTION_DAYS,
      usageDays: values.USAGE_RETENTION_DAYS,
      auditDays: values.AUDIT_RETENTION_DAYS,
    },
    testing: { crashPoint: values.CRASH_POINT },
    models: {
      providers: providersOf(values),
      embedding: embeddingOf(values),
      steps: {
        routing: values.MODEL_ROUTING ?? false,
        standalone: values.MODEL_STANDALONE ?? false,
        guard: values.MODEL_GUARD ?? false,
        titles: values.MODEL_TITLES ?? false,
      },
    },
  });
}

function resolveFiles(options: {
  env: Environment;
  problems: string[];
  worldReadable: string[];
  readSecret?: ReadSecretFile;
}): Map<SettingName, string> {
  const { env, problems, worldReadable, readSecret = readSecretFile } = options;
  const raw = new Map<SettingName, string>();
  for (const name of Object.keys(settings) as SettingName[]) {
    const direct = env[name];
    const file = env[`${name}_FILE`];
    if (direct !== undefined && direct !== '' && file) {
      problems.push(`${name}: given twice, as ${name} and as ${name}_FILE; keep one.`);
    } else if (direct !== undefined && direct !== '') raw.set(name, direct);
    else if (file) {
      try {
        const { text, isWorldReadable } = readSecret(file);
        raw.set(name, text.replace(/\r?\n$/, ''));
        if (isWorldReadable && (settings[name] as { isSecret?: boolean }).isSecret)
          worldReadable.push(`${name}_FILE: ${file} can be read by everyone; run chmod 600 ${file}.`);
      } catch (error) {
        problems.push(
          `${name}_FILE: cannot read ${file} (${(error as Error).message}); correct the path or its permissions.`,
        );
      }
    }
  }
  return raw;
}

function readSecretFile(path: string): { text: string; isWorldReadable: boolean } {
  return { text: readFileSync(path, 'utf8'), isWorldReadable: (statSync(path).mode & 0o004) !== 0 };
}

function parseSettings(
  raw: Map<SettingName, string>,
  problems: string[],
): Partial<SettingValues> &
  Pick<
    SettingValues,
    | 'PORT'
    | 'RATE_LIMIT_PER_MINUTE'
    | 'GUEST_RATE_LIMIT_PER_MINUTE'
    | 'MAX_CONCURRENT_TURNS'
    | 'TOKENS_PER_DAY'
    | 'COST_PER_DAY_USD'
    | 'TURNS_PER_USER'
    | 'MESSAGE_RETENTION_DAYS'
    | 'USAGE_RETENTION_DAYS'
    | 'AUDIT_RETENTION_DAYS'
  > {
  const values: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries(settings)) {
    const result = (definition.schema as z.ZodType).safeParse(raw.get(name as SettingName));
    if (result.success) values[name] = result.data;
    else for (const issue of result.error.issues) problems.push(`${name}: ${issue.message}.`);
  }
  return values as ReturnType<typeof parseSettings>;
}

function locateData(values: Partial<SettingValues>, baseFolder: string, problems: string[]) {
  const warnings: string[] = [];
  const fromUrl =
    values.DATABASE_URL === undefined ? undefined : pathOfSqliteUrl(values.DATABASE_URL, problems);
  if (fromUrl !== undefined && values.SQLITE_PATH !== undefined && fromUrl !== values.SQLITE_PATH) {
    warnings.push(`DATABASE_URL and SQLITE_PATH differ; DATABASE_URL (${fromUrl}) is used.`);
  }
  const given = fromUrl ?? values.SQLITE_PATH;
  const named = [
    ['DATA_DIR', values.DATA_DIR],
    [fromUrl === undefined ? 'SQLITE_PATH' : 'DATABASE_URL', given],
  ] as const;
  if (values.APP_ENV === 'production') {
    for (const [name, path] of named) {
      if (path !== undefined && !isAbsolute(path)) {
        problems.push(
          `${name}: the relative path ${path} would be lost with the working folder; give an absolute one, such as /data.`,
        );
      }
    }
    if (named.every(([, path]) => path === undefined)) {
      problems.push('DATA_DIR: production needs an absolute folder for its data, such as DATA_DIR=/data.');
    }
  }
  const folder = values.DATA_DIR ?? (given !== undefined && isAbsolute(given) ? dirname(given) : 'data');
  const dataFolder = resolve(baseFolder, folder);
  return {
    warnings,
    dataFolder,
    databasePath: given === undefined ? join(dataFolder, 'app.db') : resolve(baseFolder, given),
  };
}

/** `sqlite:///relative.db` and `sqlite:////absolute.db`, as deployments already write them. */
function pathOfSqliteUrl(value: string, problems: string[]): string | undefined {
  const match = /^sqlite(?:\+\w+)?:(?:\/\/\/)?(.+)$/.exec(value);
  if (match) return match[1];
  problems.push('DATABASE_URL: must begin with sqlite:, as in sqlite:////data/app.db.');
  return undefined;
}

function checkMail(values: Partial<SettingValues>, problems: string[]): void {
  if (values.SMTP_URL !== undefined && values.MAIL_FROM === undefined) {
    problems.push('MAIL_FROM: SMTP_URL needs a sender, such as MAIL_FROM=no-reply@example.org.');
  }
  if (values.APP_ENV !== 'production') return;
  if (values.REQUIRE_VERIFIED_EMAIL === true && values.SMTP_URL === undefined) {
    problems.push('SMTP_URL: REQUIRE_VERIFIED_EMAIL needs a mail server; set SMTP_URL and MAIL_FROM.');
  }
  if (values.SMTP_URL !== undefined && values.PUBLIC_URL === undefined) {
    problems.push('PUBLIC_URL: links in mails need the address that users type; set PUBLIC_URL.');
  }
}

function checkProduction(options: {
  values: Partial<SettingValues>;
  corsOrigins: string[];
  worldReadable: string[];
  problems: string[];
}): void {
  const { values, corsOrigins, worldReadable, problems } = options;
  const secret = values.JWT_SECRET;
  if (values.JWT_ALGORITHM === 'ES256' && secret === undefined) {
    // Its keys are made in DATA_DIR, which is absolute here.
  } else if (secret === undefined) {
    problems.push(
      'JWT_SECRET: production needs one; make it with `openssl rand -hex 32` and set JWT_SECRET or JWT_SECRET_FILE.',
    );
  } else if (
    secret.length < MINIMUM_SECRET_LENGTH ||
    new Set(secret).size < 8 ||
    /change.?me|secret|password|example/i.test(secret)
  ) {
    problems.push('JWT_SECRET: too weak; make one with `openssl rand -hex 32`.');
  }
  if (corsOrigins.includes('*')) {
    problems.push('CORS_ORIGINS: "*" lets every site call the API; list the origins.');
  }
  if (values.CRASH_POINT !== undefined) {
    problems.push('CRASH_POINT: it kills the server on purpose and is for tests only; remove it.');
  }
  problems.push(...worldReadable);
}

function checkSingleSignOn(values: Partial<SettingValues>, problems: string[]): void {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = values;
  if (issuer === undefined) return;
  if (clientId === undefined || clientSecret === undefined) {
    problems.push('OIDC_CLIENT_ID: OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET as well.');
  }
  const { protocol, hostname } = new URL(issuer);
  if (protocol === 'http:' && !['127.0.0.1', '[::1]', 'localhost'].includes(hostname)) {
    problems.push('OIDC_ISSUER: must be an https:// address, since secrets are sent there.');
  }
  if (values.APP_ENV === 'production' && values.PUBLIC_URL === undefined) {
    problems.push('PUBLIC_URL: single sign-on must know the address that users type; set PUBLIC_URL.');
  }
}

function oidcOf(values: Partial<SettingValues>) {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = values;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) return undefined;
  return {
    issuer,
    clientId,
    clientSecret,
    scopes: values.OIDC_SCOPES ?? 'openid profile email',
    roles: {
      claim: values.OIDC_ROLE_CLAIM,
      adminValues: values.OIDC_ADMIN_VALUES ?? [],
      curatorValues: values.OIDC_CURATOR_VALUES ?? [],
    },
  };
}

/** Host names that requests may be for; empty means any, as in development, where the machine has many. */
function allowedHostsOf(values: Partial<SettingValues>, isProduction: boolean): string[] {
  if (values.ALLOWED_HOSTS !== undefined && values.ALLOWED_HOSTS.length > 0) return values.ALLOWED_HOSTS;
  return isProduction && values.PUBLIC_URL !== undefined ? [new URL(values.PUBLIC_URL).hostname] : [];
}

/** The chain of language models: the named endpoint first, then OpenRouter; empty means excerpts only. */
function providersOf(values: Partial<SettingValues>) {
  if (values.ENABLE_OPENAI === false) return [];
  const model = values.MODEL_CHAT ?? 'gpt-4o-mini';
  const providers: { name: string; baseUrl: string | undefined; apiKey: string; model: string }[] = [];
  if (values.OPENAI_API_KEY !== undefined || values.OPENAI_BASE_URL !== undefined) {
    // Local servers ask for no key, but the client insists on sending one.
    providers.push({
      name: 'openai',
      baseUrl: values.OPENAI_BASE_URL,
      apiKey: values.OPENAI_API_KEY ?? 'none',
      model,
    });
  }
  if (values.OPENROUTER_API_KEY !== undefined) {
    const slug = model.includes('/') ? model : `openai/${model}`;
    providers.push({
      name: 'openrouter',
      baseUrl: OPENROUTER_URL,
      apiKey: values.OPENROUTER_API_KEY,
      model: slug,
    });
  }
  return providers;
}

function embeddingOf(values: Partial<SettingValues>) {
  const hasEndpoint = values.OPENAI_API_KEY !== undefined || values.OPENAI_BASE_URL !== undefined;
  if (values.MODEL_EMBED === undefined || values.ENABLE_OPENAI === false || !hasEndpoint) return undefined;
  return {
    baseUrl: values.OPENAI_BASE_URL,
    apiKey: values.OPENAI_API_KEY ?? 'none',
    model: values.MODEL_EMBED,
  };
}

/**
 * The environment of this process above the `.env` file of a folder.
 * @throws ConfigError naming the line of `.env` that is not `NAME=value`
 */
export function readEnvironment(folder: string, processEnvironment: Environment = process.env): Environment {
  const path = join(folder, '.env');
  if (!existsSync(path)) return processEnvironment;
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError([
      `.env: cannot be read (${(error as Error).message}); correct its permissions or remove it.`,
    ]);
  }
  const problems = findBrokenLines(content);
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...parseEnv(content), ...processEnvironment };
}

function findBrokenLines(content: string): string[] {
  const problems: string[] = [];
  let openQuote: string | undefined;
  for (const [index, line] of content.split(/\r?\n/).entries()) {
    if (openQuote !== undefined) {
      if (line.includes(openQuote)) openQuote = undefined;
      continue;
    }
    if (/^\s*(#|$)/.test(line)) continue;
    const match = /^\s*(?:export\s+)?[A-Za-z_]\w*\s*=\s*(.*)$/.exec(line);
    if (!match) problems.push(`.env line ${index + 1}: expected NAME=value; correct or remove the line.`);
    const value = match?.[1] ?? '';
    const quote = /^(["'`])/.exec(value)?.[1];
    if (quote !== undefined && !value.slice(1).includes(quote)) openQuote = quote;
  }
  if (openQuote !== undefined) problems.push(`.env: a quote ${openQuote} is opened and never closed.`);
  return problems;
}
