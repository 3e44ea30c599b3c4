import type { FieldError } from '../errors.ts';

type Issue = { keyword: string; instancePath: string; message?: string; params?: Record<string, unknown> };

const TYPE_NAMES: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  date: 'a date',
};
const STANDARD_MESSAGE = /^(Invalid |Too (small|big):|Unrecognized key)/;

/**
 * Validation issues as paths (`tags.0`) and messages that complete the sentence "<path> ...". A message that a schema
 * gives itself is kept.
 */
export function toFieldErrors(issues: readonly Issue[]): FieldError[] {
  return issues.map((issue) => ({
    path: issue.instancePath.split('/').filter(Boolean).join('.'),
    message: describe(issue),
  }));
}

function describe(issue: Issue): string {
  const { keyword, message = 'is not valid', params = {} } = issue;
  if (!STANDARD_MESSAGE.test(message)) return message;
  if (keyword === 'invalid_type') {
    if (message.endsWith('received undefined')) return 'is required';
    return `must be ${TYPE_NAMES[String(params['expected'])] ?? String(params['expected'])}`;
  }
  if (keyword === 'invalid_value' && Array.isArray(params['values'])) {
    return `must be ${params['values'].map((value) => JSON.stringify(value)).join(' or ')}`;
  }
  if (keyword === 'too_small') return `must ${amount(params, { limit: 'minimum', word: 'at least' })}`;
  if (keyword === 'too_big') return `must ${amount(params, { limit: 'maximum', word: 'at most' })}`;
  if (keyword === 'unrecognized_keys' && Array.isArray(params['keys'])) {
    return `has fields that are not known: ${params['keys'].join(', ')}`;
  }
  if (keyword === 'invalid_format') {
    const format = String(params['format']);
    const names: Record<string, string> = {
      email: 'an e-mail address',
      url: 'an address (URL)',
      datetime: 'a time',
    };
    return `must be ${names[format] ?? 'in the right format'}`;
  }
  return 'is not valid';
}

function amount(params: Record<string, unknown>, { limit, word }: { limit: string; word: string }): string {
  const value = String(params[limit]);
  if (params['origin'] === 'string') return `have ${word} ${value} characters`;
  if (params['origin'] === 'array') return `have ${word} ${value} entries`;
  return `be ${word} ${value}`;
}
