import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';

import type { RandomBytes } from '../secrets.ts';

export type SigningAlgorithm = 'HS256' | 'ES256';

/** A key that signs access tokens, bound to one algorithm, so that a token cannot choose another (RFC 8725, 3.1). */
export type SigningKey = {
  /** The `kid` of tokens: a hash of what is public about the key, or of the secret. */
  id: string;
  algorithm: SigningAlgorithm;
  signWith: Uint8Array | KeyObject;
  verifyWith: Uint8Array | KeyObject;
  /** Secret bytes from which keys for other purposes are derived. */
  material: Uint8Array;
};
/** The key that signs first, then those that are still accepted. */
export type SigningKeys = readonly [SigningKey, ...SigningKey[]];

/** An HS256 key of a shared secret. */
export function symmetricKey(secret: string): SigningKey {
  const bytes = new TextEncoder().encode(secret);
  return {
    id: createHash('sha256').update(`kid:${secret}`).digest('hex').slice(0, 12),
    algorithm: 'HS256',
    signWith: bytes,
    verifyWith: bytes,
    material: bytes,
  };
}

/**
 * An ES256 key (ECDSA on P-256; RFC 7518, 3.4).
 * @param encoded PKCS #8 in DER, as base64url
 * @throws Error when it is no such key
 */
export function ellipticKey(encoded: string): SigningKey {
  const der = Buffer.from(encoded, 'base64url');
  const signWith = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  if (signWith.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('not a P-256 key');
  const verifyWith = createPublicKey(signWith);
  const publicBytes = verifyWith.export({ format: 'der', type: 'spki' });
  return {
    id: createHash('sha256').update(publicBytes).digest('hex').slice(0, 12),
    algorithm: 'ES256',
    signWith,
    verifyWith,
    material: der,
  };
}

/** The key of a stored text. @throws Error when an ES256 key cannot be read */
export function readKey(algorithm: SigningAlgorithm, text: string): SigningKey {
  return algorithm === 'ES256' ? ellipticKey(text) : symmetricKey(text);
}

/** The text of a new key: 256 random bits, or a new P-256 key, whose randomness is OpenSSL's. */
export function generateKey(algorithm: SigningAlgorithm, randomBytes: RandomBytes): string {
  if (algorithm === 'HS256') return Buffer.from(randomBytes(32)).toString('hex');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64url');
}
