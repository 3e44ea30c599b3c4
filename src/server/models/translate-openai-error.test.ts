import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai';
import { describe, expect, it } from 'vitest';

import type { ModelFailureReason } from './model-error.ts';
import { translateOpenAiError } from './translate-openai-error.ts';

const identity = { provider: 'openai', model: 'gpt-4o-mini' };
const now = () => new Date('2026-11-21T08:00:00Z');
const translate = (error: unknown) => translateOpenAiError(error, { identity, now });
const answered = (status: number, options: { body?: object; headers?: Record<string, string> } = {}) =>
  APIError.generate(
    status,
    { error: options.body ?? { message: 'Something.' } },
    undefined,
    new Headers(options.headers),
  );

describe('translateOpenAiError', () => {
  it.each<[number, ModelFailureReason]>([
    [400, 'rejected'],
    [401, 'refused'],
    [402, 'quota'],
    [403, 'refused'],
    [404, 'refused'],
    [408, 'server-error'],
    [413, 'rejected'],
    [422, 'rejected'],
    [429, 'rate-limited'],
    [500, 'server-error'],
    [502, 'server-error'],
    [503, 'server-error'],
    [529, 'server-error'],
  ])('should take %i for %s', (status, reason) => {
    expect(translate(answered(status))).toMatchObject({ code: 'model_unavailable', reason });
  });

  it('should read Retry-After in seconds, as a date and in milliseconds', () => {
    const seconds = (headers: Record<string, string>) =>
      translate(answered(429, { headers })).retryAfterSeconds;
    expect(seconds({ 'retry-after': '7' })).toBe(7);
    expect(seconds({ 'retry-after': 'Sat, 21 Nov 2026 08:00:09 GMT' })).toBe(9);
    expect(seconds({ 'retry-after-ms': '250', 'retry-after': '7' })).toBe(0.25);
    expect(seconds({ 'retry-after': 'soon' })).toBeUndefined();
    expect(seconds({})).toBeUndefined();
  });

  it('should tell an empty account from a busy one', () => {
    expect(translate(answered(429, { body: { code: 'insufficient_quota' } })).reason).toBe('quota');
  });

  it('should take the status that a router puts into the stream', () => {
    expect(translate(new APIError(undefined, { code: 429 }, undefined, new Headers())).reason).toBe(
      'rate-limited',
    );
    expect(translate(new APIError(undefined, { message: 'Oops.' }, undefined, new Headers())).reason).toBe(
      'server-error',
    );
  });

  it('should tell timeouts, broken connections and broken JSON apart', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const failed = translate(
      new APIConnectionError({ message: 'x', cause: new TypeError('fetch failed', { cause: refused }) }),
    );
    expect(failed).toMatchObject({
      reason: 'network',
      cause: { message: 'APIConnectionError, network ECONNREFUSED' },
    });
    expect(translate(new APIConnectionTimeoutError()).reason).toBe('timeout');
    expect(translate(new SyntaxError('Unexpected token')).reason).toBe('malformed');
    expect(translate(new TypeError('terminated')).reason).toBe('network');
  });
});
