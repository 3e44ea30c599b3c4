import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { assertGoodPassword, hashPassword, verifyPassword } from './passwords.ts';

const own = { username: 'ada_lovelace', email: 'countess@example.org' };

describe('assertGoodPassword', () => {
  it.each(['TestPass123!', 'correct horse battery', 'ünïcödé-wörds', 'X7#qLm2$'])(
    'should accept %s',
    (password) => {
      expect(() => assertGoodPassword(password, own)).not.toThrow();
    },
  );

  it.each([
    'short1!',
    'password',
    'PASSWORD123',
    'Qwerty123',
    'aaaaaaaaaa',
    'abababab',
    '12345678',
    'abcdefghij',
    'ada_lovelace',
    'Countess',
    'countess@example.org',
    'ｐａｓｓｗｏｒｄ',
  ])('should refuse %s', (password) => {
    expect(() => assertGoodPassword(password, own)).toThrow(/password/);
  });

  it('should refuse every repetition of up to three characters', () => {
    const unit = fc.string({ unit: fc.constantFrom('a', '7', 'ß', '!', '語'), minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(unit, fc.integer({ min: 8, max: 20 }), (text, times) => {
        expect(() => assertGoodPassword(text.repeat(times), own)).toThrow();
      }),
    );
  });
});

describe('verifyPassword', () => {
  it('should know the right password, however the keyboard composes it', async () => {
    const stored = await hashPassword('caf\u00e9 au lait');
    expect(await verifyPassword('cafe\u0301 au lait', stored)).toEqual({
      isCorrect: true,
      needsRehash: false,
    });
    expect((await verifyPassword('cafe au lait', stored)).isCorrect).toBe(false);
  });

  it('should verify something and fail when there is no password', async () => {
    expect(await verifyPassword('anything', null)).toEqual({ isCorrect: false, needsRehash: false });
    expect(await verifyPassword('anything', undefined)).toEqual({ isCorrect: false, needsRehash: false });
  });
});
