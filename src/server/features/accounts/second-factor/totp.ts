import { createHmac, timingSafeEqual } from 'node:crypto';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const STEP_SECONDS = 30;
/** Steps before and after now that are accepted, for clocks that differ. */
const WINDOW = 1;

/** A one-time code of a counter (HOTP, RFC 4226). @param options.digits 6 to 8 */
export function hotp(options: {
  secret: Uint8Array;
  counter: number;
  digits?: number;
  algorithm?: 'sha1' | 'sha256' | 'sha512';
}): string {
  const { secret, counter, digits = 6, algorithm = 'sha1' } = options;
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const hash = createHmac(algorithm, secret).update(message).digest();
  const offset = (hash.at(-1) ?? 0) & 0x0f;
  const number = hash.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

/** The 30-second step of a time (RFC 6238, 4.2). */
export function stepOf(time: Date): number {
  return Math.floor(time.getTime() / 1000 / STEP_SECONDS);
}

/** The step around `now` whose six-digit code this is (TOTP, RFC 6238), or undefined. */
export function findStep(options: { secret: Uint8Array; code: string; now: Date }): number | undefined {
  const { secret, code, now } = options;
  const given = Buffer.from(code);
  let found: number | undefined;
  for (let step = stepOf(now) - WINDOW; step <= stepOf(now) + WINDOW; step++) {
    if (step < 0) continue;
    const expected = Buffer.from(hotp({ secret, counter: step }));
    if (given.length === expected.length && timingSafeEqual(given, expected)) found = step;
  }
  return found;
}

/** Base32 without padding (RFC 4648, 6), as authenticator apps read secrets. */
export function toBase32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((part) => BASE32[Number.parseInt(part.padEnd(5, '0'), 2)])
    .join('');
}

/** The address that authenticator apps read from a QR code (Key Uri Format). */
export function otpauthUrl(options: { secret: Uint8Array; account: string; issuer: string }): string {
  const { secret, account, issuer } = options;
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${toBase32(secret)}&issuer=${encodeURIComponent(issuer)}`;
}
