import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import type { Config } from '../../../config.ts';
import { AppError } from '../../../errors.ts';
import type { RandomBytes } from '../secrets.ts';
import { generateKey, readKey, type SigningAlgorithm, type SigningKeys } from './signing-keys.ts';

const FILES: Record<SigningAlgorithm, string> = { HS256: 'jwt-secret', ES256: 'jwt-es256-keys' };
/** The signing key and its predecessor. */
const MAX_KEYS = 2;
/** Tokens live an hour; so long the former key must stay. */
const OVERLAP_MS = 3_660_000;

type StoredKey = { text: string; createdAt: string | undefined };
type Options = {
  security: Pick<Config['security'], 'jwtAlgorithm' | 'jwtSecret' | 'jwtSecretPrevious'>;
  dataFolder: string;
  randomBytes: RandomBytes;
  now: () => Date;
};

/**
 * The keys of access tokens: the configured secrets, or those of a file in the data folder (mode 0600, one key a line,
 * newest first), which is made when there is none, so that tokens survive restarts.
 * @throws AppError `unavailable` when the file cannot be read or written
 */
export function loadSigningKeys(options: Options): SigningKeys {
  const { security, randomBytes, now } = options;
  const { jwtAlgorithm: algorithm, jwtSecret, jwtSecretPrevious } = security;
  if (algorithm === 'HS256' && jwtSecret !== undefined) {
    const texts = [jwtSecret, ...(jwtSecretPrevious === undefined ? [] : [jwtSecretPrevious])];
    return texts.map((text) => readKey(algorithm, text)) as unknown as SigningKeys;
  }
  let stored = readFile(options);
  if (stored.length === 0) {
    stored = [{ text: generateKey(algorithm, randomBytes), createdAt: now().toISOString() }];
    writeFile(options, stored);
  }
  try {
    return stored.map(({ text }) => readKey(algorithm, text)) as unknown as SigningKeys;
  } catch (cause) {
    throw new AppError(
      'unavailable',
      `${pathOf(options)} holds no key. Restore it, or remove it to sign all users out.`,
      {
        cause,
      },
    );
  }
}

/** A key as `wwhd keys list` shows it. */
export type KeyDescription = {
  id: string;
  algorithm: SigningAlgorithm;
  createdAt: string | undefined;
  isSigning: boolean;
  source: string;
};

/** The keys in use, the signing one first, without what is secret. @throws like loadSigningKeys */
export function listKeys(options: Options): KeyDescription[] {
  const keys = loadSigningKeys(options);
  const isConfigured = isFromConfiguration(options);
  const stored = isConfigured ? [] : readFile(options);
  return keys.map(({ id, algorithm }, index) => ({
    id,
    algorithm,
    createdAt: stored[index]?.createdAt,
    isSigning: index === 0,
    source: isConfigured ? (index === 0 ? 'JWT_SECRET' : 'JWT_SECRET_PREVIOUS') : pathOf(options),
  }));
}

/**
 * Puts a new key before the present one, which is accepted until the next rotation; older ones go. Servers use it
 * after their next start.
 * @param options.isForced rotate although tokens of the key that goes may still be valid
 * @returns the id of the new key
 * @throws AppError `conflict` when the secret is configured, or the last rotation is less than an hour ago
 */
export function rotateKeys(options: Options & { isForced: boolean }): string {
  const { security, randomBytes, now, isForced } = options;
  const { jwtAlgorithm: algorithm } = security;
  if (isFromConfiguration(options)) {
    throw new AppError(
      'conflict',
      'JWT_SECRET is configured. Put its value into JWT_SECRET_PREVIOUS, a new one (openssl rand -hex 32) into JWT_SECRET, and restart; remove JWT_SECRET_PREVIOUS after an hour.',
    );
  }
  loadSigningKeys(options);
  const stored = readFile(options);
  const changedAt = Date.parse(stored[0]?.createdAt ?? '');
  if (!isForced && stored.length === MAX_KEYS && now().getTime() - changedAt < OVERLAP_MS) {
    throw new AppError(
      'conflict',
      'The keys were rotated less than an hour ago, and tokens of the former one are still in use. Wait, or pass --force to end them.',
    );
  }
  const text = generateKey(algorithm, randomBytes);
  writeFile(options, [{ text, createdAt: now().toISOString() }, ...stored].slice(0, MAX_KEYS));
  return readKey(algorithm, text).id;
}

function isFromConfiguration({ security }: Options): boolean {
  return security.jwtAlgorithm === 'HS256' && security.jwtSecret !== undefined;
}

function pathOf({ dataFolder, security }: Options): string {
  return join(dataFolder, FILES[security.jwtAlgorithm]);
}

function readFile(options: Options): StoredKey[] {
  const path = pathOf(options);
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .flatMap(([text, createdAt]) => (text ? [{ text, createdAt }] : []));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new AppError('unavailable', `Cannot read ${path}. Correct its permissions.`, { cause });
  }
}

/** Written beside and renamed, so that a crash leaves the old keys. */
function writeFile(options: Options, keys: StoredKey[]): void {
  const path = pathOf(options);
  const text = keys.map(({ text, createdAt }) => [text, createdAt].filter(Boolean).join(' ')).join('\n');
  try {
    mkdirSync(options.dataFolder, { recursive: true });
    const file = openSync(`${path}.new`, 'w', 0o600);
    writeSync(file, `${text}\n`);
    fsyncSync(file);
    closeSync(file);
    renameSync(`${path}.new`, path);
  } catch (cause) {
    throw new AppError('unavailable', `Cannot write ${path}. Make the folder writable, or set JWT_SECRET.`, {
      cause,
    });
  }
}
