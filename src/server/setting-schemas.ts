import { z } from 'zod';

// What settings hold, read from the text of environment variables; an absent one arrives as undefined.

/** Text that is there. */
export const text = z.string().trim().min(1).optional();
/** A switch; `fallback` when it is not set. */
export const flag = (fallback: boolean | undefined) =>
  z
    .enum(['true', 'false', '1', '0', 'on', 'off', 'yes', 'no'], {
      error: 'must be true or false (also 1/0, on/off, yes/no)',
    })
    .optional()
    .transform((value) => (value === undefined ? fallback : ['true', '1', 'on', 'yes'].includes(value)));
/** A whole number in a range; `fallback` when it is not set. */
export const integer = (range: { min: number; max: number; fallback: number }) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .optional()
    .transform((value) => (value === undefined ? range.fallback : Number(value)))
    .refine((value) => value >= range.min && value <= range.max, `must be from ${range.min} to ${range.max}`);
/** An http or https address. */
export const url = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
  .optional();

/** A kind of setting. */
export const list = z
  .string()
  .optional()
  .transform((value) =>
    (value ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  );

/** Host names separated by commas or spaces, in lower case. */
export const hostNames = z
  .string()
  .optional()
  .transform(
    (value) =>
      (value ?? '')
        .toLowerCase()
        .match(/[^\s,]+/g)
        ?.slice() ?? [],
  );
/** An amount of dollars; 0 when it is not set. */
export const dollars = z
  .string()
  .regex(/^\d{1,6}(\.\d{1,6})?$/, 'must be an amount such as 5 or 0.50')
  .optional()
  .transform((value) => Number(value ?? 0));
