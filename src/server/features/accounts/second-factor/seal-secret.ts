import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

import type { SigningKey, SigningKeys } from '../keys/signing-keys.ts';
import type { RandomBytes } from '../secrets.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export type Sealer = ReturnType<typeof createSealer>;

/**
 * Encrypts small secrets at rest with AES-256-GCM under a key derived by HKDF (RFC 5869) from the key of access
 * tokens. A sealed text names its key, so that those of the former one still open while keys are rotated.
 */
export function createSealer(options: { keys: SigningKeys; randomBytes: RandomBytes }) {
  const { keys, randomBytes } = options;
  const [current] = keys;
  const derive = ({ material }: SigningKey): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', material, '', 'wwhd sealed secrets', 32));

  return {
    /** @param context what the secret belongs to; it opens for nothing else */
    seal: (secret: Uint8Array, context: string): string => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', derive(current), nonce).setAAD(Buffer.from(context));
      const sealed = Buffer.concat([cipher.update(secret), cipher.final()]);
      return `v1.${current.id}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`;
    },

    /** @returns undefined when its key is gone, or it was changed or belongs to something else */
    open: (text: string, context: string): Uint8Array | undefined => {
      const [version, id, encoded = ''] = text.split('.');
      const key = keys.find((key) => key.id === id);
      const bytes = Buffer.from(encoded, 'base64url');
      if (version !== 'v1' || key === undefined || bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', derive(key), bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
      } catch {
        // The tag does not fit; why it does not, AES cannot tell.
        return undefined;
      }
    },

    /** Whether a sealed text should be sealed again, under the key of now. */
    isOutdated: (text: string): boolean => text.split('.')[1] !== current.id,
  };
}
