import { jwtVerify, type JWTHeaderParameters, SignJWT } from 'jose';

import type { Role } from '../../database/tables.ts';
import type { SigningKey, SigningKeys } from './keys/signing-keys.ts';
import { randomToken, type RandomBytes } from './secrets.ts';

/** Seconds that an access token is valid. */
export const ACCESS_TOKEN_SECONDS = 3_600;
const LEEWAY_SECONDS = 60;

export type AccessTokens = ReturnType<typeof createAccessTokens>;
export type AccessClaims = { userId: number; tokenVersion: number; sessionId: string };
type Subject = { id: number; username: string; email: string | null; role: Role; tokenVersion: number };

/**
 * Issues and reads access tokens: JWTs (RFC 7519) with issuer, audience and key id, each read only with the algorithm
 * of the key it names (RFC 8725, 3.1).
 * @param options.keys the signing key first, then those still accepted while keys are rotated
 */
export function createAccessTokens(options: {
  keys: SigningKeys;
  issuer: string;
  audience: string;
  now: () => Date;
  randomBytes: RandomBytes;
}) {
  const { keys, issuer, audience, now, randomBytes } = options;
  const [signingKey] = keys;
  const findKey = ({ kid, alg }: Partial<JWTHeaderParameters>): SigningKey['verifyWith'] => {
    const key = kid === undefined ? signingKey : keys.find(({ id }) => id === kid);
    if (key === undefined || key.algorithm !== alg) throw new Error('unknown key id or another algorithm');
    return key.verifyWith;
  };

  return {
    /** Signs a token of one hour for a user and one of the user's sessions. */
    issue: async (user: Subject, sessionId: string): Promise<string> => {
      const issuedAt = Math.floor(now().getTime() / 1000);
      const claims = {
        role: user.role,
        ver: user.tokenVersion,
        sid: sessionId,
        // Existing clients read these three.
        user_id: user.id,
        username: user.username,
        ...(user.email === null ? {} : { email: user.email }),
      };
      return new SignJWT(claims)
        .setProtectedHeader({ alg: signingKey.algorithm, typ: 'JWT', kid: signingKey.id })
        .setSubject(String(user.id))
        .setIssuer(issuer)
        .setAudience(audience)
        .setJti(randomToken(randomBytes).slice(0, 22))
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + ACCESS_TOKEN_SECONDS)
        .sign(signingKey.signWith);
    },

    /** What a token says, or undefined when it is not ours, not valid now (60 s leeway) or incomplete. */
    read: async (token: string): Promise<AccessClaims | undefined> => {
      try {
        const { payload } = await jwtVerify(token, async (header) => findKey(header), {
          algorithms: keys.map(({ algorithm }) => algorithm),
          issuer,
          audience,
          clockTolerance: LEEWAY_SECONDS,
          currentDate: now(),
          requiredClaims: ['sub', 'exp', 'iat', 'jti', 'ver', 'sid'],
        });
        const userId = Number(payload.sub);
        const { ver, sid } = payload;
        if (!Number.isSafeInteger(userId) || typeof ver !== 'number' || typeof sid !== 'string')
          return undefined;
        return { userId, tokenVersion: ver, sessionId: sid };
      } catch {
        // Every way in which a token can be wrong has the same answer.
        return undefined;
      }
    },
  };
}
