import { APIError } from 'openai';
import { describe, expect, it } from 'vitest';

import { requestOf } from '../../../test/contracts/language-model.ts';
import { adaptShape, buildChatRequest, usualShape } from './request-shape.ts';

const refusal = (message: string, status = 400) =>
  APIError.generate(status, { error: { message } }, undefined, new Headers());

describe('adaptShape', () => {
  it.each([
    ['Unrecognized request argument supplied: stream_options', { sendsStreamOptions: false }],
    ['Extra inputs are not permitted', { sendsStreamOptions: false }],
    [
      "'max_tokens' is not supported, use 'max_completion_tokens' instead",
      { tokenLimit: 'max_completion_tokens' },
    ],
    ["'temperature' does not support 0.3 with this model", { sendsTemperature: false }],
  ])('should after %j change one thing', (message, change) => {
    expect(adaptShape(usualShape, refusal(message))).toEqual({ ...usualShape, ...change });
  });

  it.each([
    ['the context is too long', refusal('The context holds 8192 tokens, max_tokens included.')],
    ['the key is wrong', refusal('stream_options', 401)],
    ['it is no answer at all', new TypeError('fetch failed')],
    ['it is no error', 'stream_options'],
  ])('should change nothing when %s', (_, error) => {
    expect(adaptShape(usualShape, error)).toBeUndefined();
  });

  it('should come to an end with a server that refuses everything', () => {
    const everything = refusal('Unknown stream_options, temperature, use max_completion_tokens');
    let shape: typeof usualShape | undefined = usualShape;
    const seen = new Set<string>();
    for (; shape; shape = adaptShape(shape, everything)) {
      expect(seen.has(JSON.stringify(shape))).toBe(false);
      seen.add(JSON.stringify(shape));
    }
    expect(seen.size).toBe(4);
  });
});

describe('buildChatRequest', () => {
  it('should leave out what the shape does not send', () => {
    const shape = {
      sendsStreamOptions: false,
      tokenLimit: 'max_completion_tokens',
      sendsTemperature: false,
    } as const;
    const { messages, signal } = requestOf('How?');
    expect(
      buildChatRequest({ model: 'o4-mini', messages, maxTokens: 9, temperature: 0.3, signal }, shape),
    ).toEqual({
      model: 'o4-mini',
      messages,
      stream: true,
      max_completion_tokens: 9,
    });
  });
});
