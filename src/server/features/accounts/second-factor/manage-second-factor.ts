import type { Kysely } from 'kysely';

import type { Tables } from '../../../database/tables.ts';
import { AppError, invalidField } from '../../../errors.ts';
import type { User } from '../accounts-store.ts';
import { hashToken, type RandomBytes } from '../secrets.ts';
import type { Sealer } from './seal-secret.ts';
import { findStep, otpauthUrl, toBase32 } from './totp.ts';

export type SecondFactor = ReturnType<typeof createSecondFactor>;

const SECRET_BYTES = 20;
const RECOVERY_CODES = 10;
const RECOVERY_CODE_BYTES = 10;

/** One-time codes of an authenticator app as a second factor, with recovery codes for a lost device. */
export function createSecondFactor(options: {
  database: Kysely<Tables>;
  sealer: Sealer;
  now: () => Date;
  randomBytes: RandomBytes;
}) {
  const { database, sealer, now, randomBytes } = options;
  const contextOf = (userId: number) => `user ${userId}`;

  const find = (userId: number) =>
    database.selectFrom('secondFactors').selectAll().where('userId', '=', userId).executeTakeFirst();

  const isEnabledFor = async (userId: number): Promise<boolean> => (await find(userId))?.confirmedAt != null;

  /** Whether a code of the app is right and was not used before, also by a parallel request. */
  const useAppCode = async (userId: number, code: string): Promise<boolean> => {
    const row = await find(userId);
    const secret = row === undefined ? undefined : sealer.open(row.secret, contextOf(userId));
    const step = secret === undefined ? undefined : findStep({ secret, code, now: now() });
    if (step === undefined) return false;
    const result = await database
      .updateTable('secondFactors')
      .set({ lastStep: step })
      .where('userId', '=', userId)
      .where('lastStep', '<', step)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  };

  const useRecoveryCode = async (userId: number, code: string): Promise<boolean> => {
    const result = await database
      .updateTable('recoveryCodes')
      .set({ usedAt: now().toISOString() })
      .where('userId', '=', userId)
      .where('codeHash', '=', hashToken(foldRecoveryCode(code)))
      .where('usedAt', 'is', null)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  };

  const replaceRecoveryCodes = async (userId: number): Promise<string[]> => {
    const codes = Array.from({ length: RECOVERY_CODES }, () => toBase32(randomBytes(RECOVERY_CODE_BYTES)));
    await database.deleteFrom('recoveryCodes').where('userId', '=', userId).execute();
    await database
      .insertInto('recoveryCodes')
      .values(codes.map((code) => ({ userId, codeHash: hashToken(code), usedAt: null })))
      .execute();
    return codes.map((code) => (code.match(/.{4}/g) ?? []).join('-').toLowerCase());
  };

  return {
    /** Whether a user has a second factor, since when, and how many recovery codes are left. */
    describe: async (userId: number): Promise<{ confirmedAt: string | null; recoveryCodesLeft: number }> => {
      const { count } = await database
        .selectFrom('recoveryCodes')
        .select((eb) => eb.fn.countAll<number | string>().as('count'))
        .where('userId', '=', userId)
        .where('usedAt', 'is', null)
        .executeTakeFirstOrThrow();
      return { confirmedAt: (await find(userId))?.confirmedAt ?? null, recoveryCodesLeft: Number(count) };
    },

    /**
     * Makes a secret for the user's app; it counts after `confirm`.
     * @returns the secret in base32, and the address for a QR code
     * @throws AppError `conflict` when the user has a second factor already
     */
    enrol: async (user: User): Promise<{ secret: string; url: string }> => {
      if (await isEnabledFor(user.id)) throw alreadyOn();
      const secret = randomBytes(SECRET_BYTES);
      const values = {
        secret: sealer.seal(secret, contextOf(user.id)),
        lastStep: 0,
        createdAt: now().toISOString(),
        confirmedAt: null,
      };
      await database
        .insertInto('secondFactors')
        .values({ userId: user.id, ...values })
        .onConflict((conflict) => conflict.column('userId').doUpdateSet(values))
        .execute();
      const account = user.email ?? user.username;
      return { secret: toBase32(secret), url: otpauthUrl({ secret, account, issuer: 'WWHD' }) };
    },

    /**
     * Turns the second factor on by a first code of the app.
     * @returns the recovery codes, which are never shown again
     * @throws AppError `invalid_field`; `conflict` when it is on already
     */
    confirm: async (userId: number, code: string): Promise<string[]> => {
      if (await isEnabledFor(userId)) throw alreadyOn();
      if (!(await useAppCode(userId, foldCode(code)))) throw wrongCode();
      const codes = await replaceRecoveryCodes(userId);
      await database
        .updateTable('secondFactors')
        .set({ confirmedAt: now().toISOString() })
        .where('userId', '=', userId)
        .execute();
      return codes;
    },

    /**
     * Checks the second factor of a user who has one; others need none.
     * @throws AppError `second_factor_required` without a code, `invalid_credentials` with a wrong or used one
     */
    check: async (userId: number, code: string | undefined): Promise<void> => {
      if (!(await isEnabledFor(userId))) return;
      if (code === undefined || code.trim() === '') {
        throw new AppError('second_factor_required', 'Send a code of your authenticator app as "otp".');
      }
      const isRight = (await useAppCode(userId, foldCode(code))) || (await useRecoveryCode(userId, code));
      if (!isRight) throw new AppError('invalid_credentials', 'The code is wrong or was used before.');
    },

    /** Makes new recovery codes and ends the old ones. @throws AppError `conflict` without a second factor */
    renewRecoveryCodes: async (userId: number): Promise<string[]> => {
      if (!(await isEnabledFor(userId))) throw new AppError('conflict', 'You have no second factor.');
      return replaceRecoveryCodes(userId);
    },

    /** Turns the second factor off. @returns whether it was on */
    remove: (userId: number): Promise<boolean> => removeSecondFactor(database, userId),

    /** Seals every secret under the key of now; at each start, so that a rotated key can go. @returns how many */
    resealAll: async (): Promise<number> => {
      let count = 0;
      const rows = await database.selectFrom('secondFactors').select(['userId', 'secret']).execute();
      for (const { userId, secret: sealed } of rows) {
        if (!sealer.isOutdated(sealed)) continue;
        const opened = sealer.open(sealed, contextOf(userId));
        if (opened === undefined) continue;
        const secret = sealer.seal(opened, contextOf(userId));
        const result = await database
          .updateTable('secondFactors')
          .set({ secret })
          .where('userId', '=', userId)
          .where('secret', '=', sealed)
          .executeTakeFirst();
        count += Number(result.numUpdatedRows);
      }
      return count;
    },
  };
}

/** Takes the second factor from a user who lost device and recovery codes. @returns whether there was one */
export async function removeSecondFactor(database: Kysely<Tables>, userId: number): Promise<boolean> {
  await database.deleteFrom('recoveryCodes').where('userId', '=', userId).execute();
  const result = await database.deleteFrom('secondFactors').where('userId', '=', userId).executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** People type the codes of apps with a gap in the middle. */
function foldCode(code: string): string {
  return code.replace(/\s/g, '');
}

function foldRecoveryCode(code: string): string {
  return code.replace(/[\s-]/g, '').toUpperCase();
}

function alreadyOn(): AppError {
  return new AppError('conflict', 'You have a second factor already. Turn it off first.');
}

function wrongCode(): AppError {
  return invalidField('otp', 'is not the code that the app shows now');
}
