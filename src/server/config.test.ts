import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ConfigError, type Environment, loadConfig, readEnvironment } from './config.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wwhd-config-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const load = (env: Environment) => loadConfig({ env, baseFolder: '/srv/wwhd' });
const problemsOf = (env: Environment): string[] => {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};
const strong = 'd9e1c7a0b4f84c2ab2f0e6d58c3197aa';

describe('loadConfig', () => {
  it('should need nothing in development', () => {
    const config = load({});
    expect(config.server).toMatchObject({ host: '127.0.0.1', port: 8000 });
    expect(config.data.databasePath).toBe('/srv/wwhd/data/app.db');
    expect(config.security.allowGuests).toBe(true);
    expect(config.models.providers).toEqual([]);
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('should report all problems at once, each with its setting', () => {
    const problems = problemsOf({
      PORT: 'eighty',
      APP_ENV: 'staging',
      CORS_ORIGINS: 'not json',
      ALLOW_GUESTS: 'maybe',
    });
    expect(problems.map((line) => line.split(':')[0])).toEqual([
      'APP_ENV',
      'PORT',
      'CORS_ORIGINS',
      'ALLOW_GUESTS',
    ]);
  });

  it.each([
    [{ SMTP_URL: 'smtp://mail.example:587' }, 'MAIL_FROM'],
    [{ SMTP_URL: 'http://mail.example' }, 'SMTP_URL'],
    [{ OIDC_ISSUER: 'https://id.example' }, 'OIDC_CLIENT_ID'],
    [{ OIDC_ISSUER: 'http://id.example', OIDC_CLIENT_ID: 'a', OIDC_CLIENT_SECRET: 'b' }, 'OIDC_ISSUER'],
    [{ REGISTRATION: 'sometimes' }, 'REGISTRATION'],
    [{ JWT_ALGORITHM: 'none' }, 'JWT_ALGORITHM'],
  ])('should refuse %o and name %s', (env, name) => {
    expect(problemsOf(env).map((line) => line.split(':')[0])).toEqual([name]);
  });

  it('should want mail and the public address in production when features need them', () => {
    const production = { APP_ENV: 'production', DATA_DIR: '/data', JWT_SECRET: strong };
    const mail = { SMTP_URL: 'smtp://mail.example', MAIL_FROM: 'a@example.org' };
    const named = (env: Environment) =>
      problemsOf({ ...production, ...env }).map((line) => line.split(':')[0]);
    expect(named({ REQUIRE_VERIFIED_EMAIL: 'true' })).toEqual(['SMTP_URL']);
    expect(named(mail)).toEqual(['PUBLIC_URL']);
    expect(named({ ...mail, PUBLIC_URL: 'https://wwhd.example' })).toEqual([]);
  });

  it('should need no secret in production for ES256', () => {
    expect(problemsOf({ APP_ENV: 'production', DATA_DIR: '/data', JWT_ALGORITHM: 'ES256' })).toEqual([]);
  });

  it('should refuse an unsafe production with every fix', () => {
    const problems = problemsOf({ APP_ENV: 'production', DATA_DIR: 'data', CORS_ORIGINS: '["*"]' });
    expect(problems.join('\n')).toMatch(/relative path data/);
    expect(problems.join('\n')).toMatch(/JWT_SECRET.*openssl rand/);
    expect(problems.join('\n')).toMatch(/list the origins/);
    expect(
      problemsOf({
        APP_ENV: 'production',
        DATA_DIR: '/data',
        JWT_SECRET: 'change-me-change-me-change-me-change-me',
      }),
    ).toHaveLength(1);
    expect(problemsOf({ APP_ENV: 'production', DATA_DIR: '/data', JWT_SECRET: strong })).toEqual([]);
  });

  it('should need a data folder in production and refuse a relative database', () => {
    expect(problemsOf({ APP_ENV: 'production', JWT_SECRET: strong })[0]).toMatch(/^DATA_DIR/);
    expect(
      problemsOf({ APP_ENV: 'production', JWT_SECRET: strong, DATABASE_URL: 'sqlite:///app.db' })[0],
    ).toMatch(/^DATABASE_URL/);
  });

  it('should close guests, sample and registration of strangers by default only in production', () => {
    const config = load({ APP_ENV: 'production', DATA_DIR: '/data', JWT_SECRET: strong });
    expect(config.security.allowGuests).toBe(false);
    expect(config.personas.seedSample).toBe(false);
    expect(config.server.host).toBe('0.0.0.0');
  });

  it.each([
    ['sqlite:////data/app.db', '/data/app.db', '/data'],
    ['sqlite:///app.db', '/srv/wwhd/app.db', '/srv/wwhd/data'],
    ['sqlite+aiosqlite:////data/app.db', '/data/app.db', '/data'],
  ])('should understand %s', (value, path, dataFolder) => {
    const config = load({ DATABASE_URL: value });
    expect(config.data).toEqual({ databasePath: path, folder: dataFolder });
  });

  it('should warn when two settings name different databases', () => {
    expect(load({ DATABASE_URL: 'sqlite:////a/app.db', SQLITE_PATH: '/b/app.db' }).warnings).toHaveLength(1);
  });

  it('should read every setting from a file as well', () => {
    const path = join(folder, 'secret');
    writeFileSync(path, `${strong}\n`);
    expect(load({ JWT_SECRET_FILE: path }).security.jwtSecret).toBe(strong);
    expect(problemsOf({ JWT_SECRET_FILE: path, JWT_SECRET: 'x' })[0]).toMatch(/given twice/);
    expect(problemsOf({ JWT_SECRET_FILE: join(folder, 'absent') })[0]).toMatch(/cannot read/);
    chmodSync(path, 0o644);
    expect(problemsOf({ APP_ENV: 'production', DATA_DIR: '/data', JWT_SECRET_FILE: path })[0]).toMatch(
      /chmod 600/,
    );
    chmodSync(path, 0o600);
    expect(problemsOf({ APP_ENV: 'production', DATA_DIR: '/data', JWT_SECRET_FILE: path })).toEqual([]);
  });

  it('should order the models and never start embeddings from a key alone', () => {
    const config = load({ OPENAI_API_KEY: 'k', OPENROUTER_API_KEY: 'r' });
    expect(config.models.providers.map((provider) => [provider.name, provider.model])).toEqual([
      ['openai', 'gpt-4o-mini'],
      ['openrouter', 'openai/gpt-4o-mini'],
    ]);
    expect(config.models.embedding).toBeUndefined();
    expect(load({ OPENAI_API_KEY: 'k', MODEL_EMBED: 'e' }).models.embedding?.model).toBe('e');
    expect(load({ OPENAI_API_KEY: 'k', ENABLE_OPENAI: 'false' }).models.providers).toEqual([]);
  });
});

describe('readEnvironment', () => {
  it('should put the process environment above the file', () => {
    writeFileSync(join(folder, '.env'), 'PORT=9000\nLOG_LEVEL="debug"\n# comment\n\nexport A=1\n');
    expect(readEnvironment(folder, { PORT: '9001' })).toMatchObject({ PORT: '9001', LOG_LEVEL: 'debug' });
  });

  it('should name the broken line', () => {
    writeFileSync(join(folder, '.env'), 'PORT=9000\nthis is not a setting\n');
    expect(() => readEnvironment(folder, {})).toThrow(/\.env line 2/);
    writeFileSync(join(folder, '.env'), 'A="open\nB=1\n');
    expect(() => readEnvironment(folder, {})).toThrow(/never closed/);
  });
});
