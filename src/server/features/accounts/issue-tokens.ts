import { createHash } from 'node:crypto';

import { jwtVerify, type JWTHeaderParameters, SignJWT } from 'jose';

import type { Role } from '../../database/tables.ts';
import { randomToken, type RandomBytes } from './secrets.ts';

/** Seconds that an access token is valid. */
export const ACCESS_TOKEN_SECONDS = 3_600;
const LEEWAY_SECONDS = 60;
const ALGORITHM = 'HS256';

export type AccessTokens = ReturnType<typeof createAccessTokens>;
export type AccessClaims = { userId: number; tokenVersion: number; sessionId: string };
type Subject = { id: number; username: string; email: string | null; role: Role; tokenVersion: number };

/**
 * Issues and reads access tokens: JWTs (RFC 7519) signed with HS256 and nothing else (RFC 8725, 3.1), with issuer,
 * audience and key id.
 * @param options.secrets the signing secret first, then those still accepted while keys are rotated
 */
export function createAccessTokens(options: {
  secrets: readonly [string, ...string[]];
  issuer: string;
  audience: string;
  now: () => Date;
  randomBytes: RandomBytes;
}) {
  const { secrets, issuer, audience, now, randomBytes } = options;
  const keys = new Map(secrets.map((secret) => [keyIdOf(secret), new TextEncoder().encode(secret)]));
  const [signingKeyId] = [...keys.keys()];
  const findKey = ({ kid }: Partial<JWTHeaderParameters>): Uint8Array => {
    const key = keys.get(kid ?? signingKeyId ?? '');
    if (key === undefined) throw new Error('unknown key id');
    return key;
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
        .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT', ...(signingKeyId ? { kid: signingKeyId } : {}) })
        .setSubject(String(user.id))
        .setIssuer(issuer)
        .setAudience(audience)
        .setJti(randomToken(randomBytes).slice(0, 22))
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + ACCESS_TOKEN_SECONDS)
        .sign(findKey({}));
    },

    /** What a token says, or undefined when it is not ours, not valid now (60 s leeway) or incomplete. */
    read: async (token: string): Promise<AccessClaims | undefined> => {
      try {
        const { payload } = await jwtVerify(token, async (header) => findKey(header), {
          algorithms: [ALGORITHM],
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

function keyIdOf(secret: string): string {
  return createHash('sha256').update(`kid:${secret}`).digest('hex').slice(0, 12);
}
