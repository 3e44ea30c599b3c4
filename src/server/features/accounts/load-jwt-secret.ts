import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { AppError } from '../../errors.ts';
import type { RandomBytes } from './secrets.ts';

/**
 * The secret that signs access tokens: the configured one, or one that is made once and kept in the data folder with
 * mode 0600, so that development tokens survive restarts.
 * @throws AppError `unavailable` when the file cannot be read or written
 */
export function loadJwtSecret(options: {
  configured: string | undefined;
  dataFolder: string;
  randomBytes: RandomBytes;
}): string {
  const { configured, dataFolder, randomBytes } = options;
  if (configured !== undefined) return configured;
  const path = join(dataFolder, 'jwt-secret');
  try {
    return readFileSync(path, 'utf8').trim() || createSecret({ path, dataFolder, randomBytes });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      return createSecret({ path, dataFolder, randomBytes });
    throw new AppError('unavailable', `Cannot read ${path}. Correct its permissions, or set JWT_SECRET.`, {
      cause,
    });
  }
}

function createSecret(options: { path: string; dataFolder: string; randomBytes: RandomBytes }): string {
  const { path, dataFolder, randomBytes } = options;
  const secret = Buffer.from(randomBytes(32)).toString('hex');
  try {
    mkdirSync(dataFolder, { recursive: true });
    const file = openSync(path, 'w', 0o600);
    writeSync(file, `${secret}\n`);
    fsyncSync(file);
    closeSync(file);
  } catch (cause) {
    throw new AppError('unavailable', `Cannot write ${path}. Make the folder writable, or set JWT_SECRET.`, {
      cause,
    });
  }
  return secret;
}
