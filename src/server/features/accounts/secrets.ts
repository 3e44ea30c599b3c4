import { createHash, timingSafeEqual } from 'node:crypto';

export type RandomBytes = (sizeBytes: number) => Uint8Array;

/** A random value of 256 bits as text for URLs and headers. */
export function randomToken(randomBytes: RandomBytes): string {
  return Buffer.from(randomBytes(32)).toString('base64url');
}

/** SHA-256 in hex. Fit for random tokens of 256 bits, which cannot be guessed; never for passwords. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Whether two hashes are the same, in constant time. */
export function isSameHash(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}
