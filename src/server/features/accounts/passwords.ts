import { randomBytes } from 'node:crypto';

import { hash, verify } from '@node-rs/argon2';

import { invalidField } from '../../errors.ts';
import { commonPasswords } from './common-passwords.ts';

/** OWASP Password Storage Cheat Sheet: Argon2id (the library's default) with 19 MiB, 2 passes, 1 lane. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const CURRENT = new RegExp(
  `^\\$argon2id\\$v=19\\$m=${PARAMETERS.memoryCost},t=${PARAMETERS.timeCost},p=${PARAMETERS.parallelism}\\$`,
);
const SEQUENCES = [
  '01234567890',
  '09876543210',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
];

let dummyHash: Promise<string> | undefined;

/** The PHC string of a password, which is first normalised (NFKC), so that it is the same on every keyboard. */
export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFKC'), PARAMETERS);
}

/**
 * Checks a password in the same time whether or not there is anything to check: without a hash, a dummy is verified.
 * @param passwordHash the stored PHC string; null or undefined for unknown users and those without a password
 */
export async function verifyPassword(
  password: string,
  passwordHash: string | null | undefined,
): Promise<{ isCorrect: boolean; needsRehash: boolean }> {
  dummyHash ??= hashPassword(randomBytes(16).toString('hex'));
  const isMatch = await verify(passwordHash ?? (await dummyHash), password.normalize('NFKC'));
  return {
    isCorrect: isMatch && typeof passwordHash === 'string',
    needsRehash: typeof passwordHash === 'string' && !CURRENT.test(passwordHash),
  };
}

/**
 * Refuses passwords that are tried first: those on the list of common ones, one repeated character, runs of the
 * keyboard or alphabet, and the user's own name or address (NIST SP 800-63B, 3.1.1.2).
 * @throws AppError `invalid_field`
 */
export function assertGoodPassword(password: string, own: { username: string; email: string }): void {
  const folded = password.normalize('NFKC').toLowerCase();
  if (Array.from(folded).length < 8) throw invalidField('password', 'must have at least 8 characters');
  const isOwn = [own.username, own.email, own.email.split('@')[0] ?? '']
    .map((text) => text.normalize('NFKC').toLowerCase())
    .includes(folded);
  if (isOwn) throw invalidField('password', 'must not be your name or address');
  if (commonPasswords.has(folded) || isPattern(folded)) {
    throw invalidField('password', 'is one of the first that are guessed; choose another');
  }
}

function isPattern(folded: string): boolean {
  if (/^(.{1,3})\1+$/u.test(folded)) return true;
  return SEQUENCES.some((sequence) => `${sequence}${sequence}`.includes(folded));
}
