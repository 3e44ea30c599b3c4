import { describe, expect, it } from 'vitest';

import {
  collect,
  contractText,
  describeLanguageModel,
  requestOf,
} from '../../../test/contracts/language-model.ts';
import { countTokens } from './count-tokens.ts';
import { createFallbackLanguageModel } from './fallback-language-model.ts';
import type { ModelState, SupervisedLanguageModel } from './language-model.ts';
import { ModelError } from './model-error.ts';
import type { ModelEvent } from './model-event.ts';
import { createScriptedLanguageModel, type ScriptedReply } from './scripted-language-model.ts';

const usage = { promptTokens: 3, completionTokens: 2, cachedTokens: 0, isReported: true };
const failed = (retryAfterSeconds = 7) => ({
  error: new ModelError('network', 'It failed.', { retryAfterSeconds }),
});

const supervised = (
  id: string,
  reply: ScriptedReply,
  state: ModelState = 'operational',
): SupervisedLanguageModel => ({
  ...createScriptedLanguageModel({ id, script: () => reply }),
  state: () => state,
});

const waitForAbort = (signal: AbortSignal) =>
  new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

describeLanguageModel('fallback', async () => ({
  createModel(behaviour) {
    const replies = { speaks: [contractText], hangs: [{ delayMs: 1 }], fails: [failed()] };
    const last = createScriptedLanguageModel({
      script: () => replies[behaviour],
      sleep: (_, signal) => waitForAbort(signal),
    });
    return createFallbackLanguageModel([
      supervised('first', [failed()]),
      { ...last, state: () => 'operational' },
    ]);
  },
  close: async () => undefined,
}));

describe('createFallbackLanguageModel', () => {
  it('should ask the next model when one fails before its first text', async () => {
    const events: ModelEvent[] = [];
    const chain = createFallbackLanguageModel(
      [supervised('first', ['', { usage }, failed()]), supervised('second', ['Breathe.', { usage }])],
      { onEvent: (event) => events.push(event) },
    );
    const told: object[] = [];
    const request = { ...requestOf('How?'), onFallback: (fallback: object) => void told.push(fallback) };
    expect((await collect(chain.generate(request))).chunks).toEqual([
      { type: 'text', text: 'Breathe.' },
      { type: 'usage', usage, model: 'second' },
    ]);
    expect(told).toEqual([{ modelId: 'first', nextModelId: 'second', reason: 'network' }]);
    expect(events).toEqual([
      { type: 'fallback', modelId: 'first', nextModelId: 'second', reason: 'network' },
    ]);
  });

  it('should not ask the next model once there is text', async () => {
    const chain = createFallbackLanguageModel([
      supervised('first', ['Breathe', failed()]),
      supervised('second', 'Never.'),
    ]);
    expect(await collect(chain.generate(requestOf('How?')))).toMatchObject({
      text: 'Breathe',
      error: { reason: 'network' },
    });
  });

  it('should count the tokens of a later model that reports none, so that its name is known', async () => {
    const chain = createFallbackLanguageModel([
      supervised('first', [failed()]),
      supervised('second', 'Breathe.'),
    ]);
    const { chunks } = await collect(chain.generate(requestOf('How?')));
    expect(chunks.at(-1)).toEqual({
      type: 'usage',
      model: 'second',
      usage: {
        promptTokens: await countTokens('How?'),
        completionTokens: await countTokens('Breathe.'),
        cachedTokens: 0,
        isReported: false,
      },
    });
  });

  it('should tell of every failure and the shortest wait when none answers', async () => {
    const chain = createFallbackLanguageModel([
      supervised('first', [failed(9)]),
      supervised('second', [failed(3)]),
    ]);
    const { error } = await collect(chain.generate(requestOf('How?')));
    expect(error).toMatchObject({
      message: 'No language model answered. It failed. It failed.',
      retryAfterSeconds: 3,
      cause: { errors: [{ reason: 'network' }, { reason: 'network' }] },
    });
  });

  it.each<[ModelState, ModelState, ModelState]>([
    ['operational', 'down', 'operational'],
    ['down', 'operational', 'degraded'],
    ['degraded', 'down', 'degraded'],
    ['down', 'down', 'down'],
  ])('should with %s and %s be %s', (first, second, expected) => {
    expect(
      createFallbackLanguageModel([supervised('a', '', first), supervised('b', '', second)]).state(),
    ).toBe(expected);
  });
});
