import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  collect,
  contractText,
  describeLanguageModel,
  requestOf,
} from '../../../test/contracts/language-model.ts';
import { createManualClock, type ManualClock } from '../../../test/manual-clock.ts';
import { sleep } from './clock.ts';
import { countTokens } from './count-tokens.ts';
import { createFallbackLanguageModel } from './fallback-language-model.ts';
import type { LanguageModel } from './language-model.ts';
import { ModelError, type ModelFailureReason } from './model-error.ts';
import type { ModelEvent } from './model-event.ts';
import {
  createResilientLanguageModel,
  languageModelLimits,
  type LanguageModelLimits,
} from './resilient-language-model.ts';
import { createScriptedLanguageModel, type Script, type ScriptedReply } from './scripted-language-model.ts';

const failure = (reason: ModelFailureReason, retryAfterSeconds?: number) =>
  new ModelError(reason, 'It failed.', retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
const usage = { promptTokens: 3, completionTokens: 2, cachedTokens: 0, isReported: true };

function scripted(script: Script, clock: ManualClock, id = 'scripted') {
  return createScriptedLanguageModel({
    id,
    script,
    sleep: (delayMs, signal) => sleep(delayMs, { clock, signal }),
  });
}

function createModel(script: Script, limits: Partial<LanguageModelLimits> = {}) {
  const clock = createManualClock();
  const events: ModelEvent[] = [];
  const inner = scripted(script, clock);
  const model = createResilientLanguageModel(inner, {
    clock,
    random: () => 0.5,
    limits,
    onEvent: (event) => events.push(event),
  });
  const ask = (changes = {}) => clock.finish(collect(model.generate(requestOf('How?', changes))));
  return { clock, events, inner, model, ask };
}

describeLanguageModel('resilient', async () => ({
  createModel(behaviour) {
    const replies = {
      speaks: [...contractText.split(/(?<= )/), { usage }],
      hangs: [{ delayMs: 1_000 }],
      fails: [{ error: failure('refused') }],
    };
    return createModel(() => replies[behaviour]).model;
  },
  close: async () => undefined,
}));

describe('createResilientLanguageModel', () => {
  it('should pass text and usage on, without the signs of life', async () => {
    const { ask } = createModel([['', 'Breathe.', '', { usage }]]);
    expect((await ask()).chunks).toEqual([
      { type: 'text', text: 'Breathe.' },
      { type: 'usage', usage, model: 'scripted' },
    ]);
  });

  it('should try again before the first token, with a growing wait', async () => {
    const { ask, events, clock } = createModel([
      [{ error: failure('network') }],
      ['', { error: failure('server-error') }],
      'Breathe.',
    ]);
    expect((await ask()).text).toBe('Breathe.');
    expect(events).toMatchObject([
      { type: 'retry', reason: 'network', attempt: 1, delayMs: 150 },
      { type: 'retry', reason: 'server-error', attempt: 2, delayMs: 300 },
    ]);
    expect(clock.elapsedMs()).toBe(450);
  });

  it('should not try again after the first token', async () => {
    const { ask, inner } = createModel([['Breathe', { error: failure('network') }], 'Never.']);
    expect(await ask()).toMatchObject({
      text: 'Breathe',
      error: { code: 'model_unavailable', reason: 'network' },
    });
    expect(inner.calls).toHaveLength(1);
  });

  it('should honour Retry-After when it is short and give up when it is long', async () => {
    const short = createModel([[{ error: failure('rate-limited', 2) }], 'Breathe.']);
    expect((await short.ask()).text).toBe('Breathe.');
    expect(short.clock.elapsedMs()).toBe(2_150);
    const long = createModel([[{ error: failure('rate-limited', 120) }], 'Never.']);
    expect(await long.ask()).toMatchObject({
      text: '',
      error: { reason: 'rate-limited', retryAfterSeconds: 120 },
    });
    expect(long.clock.elapsedMs()).toBe(0);
  });

  it('should give up after 20 s without a first token, and not try again', async () => {
    const { ask, clock, inner } = createModel([[{ delayMs: 100_000 }, 'Late.']]);
    expect(await ask()).toMatchObject({ text: '', error: { reason: 'timeout' } });
    expect(clock.elapsedMs()).toBe(20_000);
    expect(inner.calls[0]?.signal.aborted).toBe(true);
  });

  it('should give up after 15 s of silence between tokens', async () => {
    const { ask, clock } = createModel([['Breathe', { delayMs: 16_000 }, 'Late.']]);
    expect(await ask()).toMatchObject({ text: 'Breathe', error: { reason: 'timeout' } });
    expect(clock.elapsedMs()).toBe(15_000);
  });

  it('should wait longer for a model that shows signs of life, up to the total', async () => {
    const thinking = Array.from({ length: 4 }, () => ['', { delayMs: 14_000 }]).flat();
    expect((await createModel([[...thinking, 'Breathe.']]).ask()).text).toBe('Breathe.');
    const endless = Array.from({ length: 40 }, () => ['', { delayMs: 14_000 }]).flat();
    const { ask, clock } = createModel([endless]);
    expect(await ask()).toMatchObject({ text: '', error: { reason: 'timeout' } });
    expect(clock.elapsedMs()).toBe(120_000);
  });

  it('should end a slow drip at the total', async () => {
    const drip = Array.from({ length: 40 }, () => ['a', { delayMs: 11_000 }]).flat();
    const { ask, clock } = createModel([drip]);
    expect(await ask()).toMatchObject({ text: 'a'.repeat(11), error: { reason: 'timeout' } });
    expect(clock.elapsedMs()).toBe(120_000);
  });

  it('should end in time when the model does not react to its signal', async () => {
    const clock = createManualClock();
    const deaf: LanguageModel = {
      id: 'deaf',
      generate: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) }),
    };
    const model = createResilientLanguageModel(deaf, { clock, random: () => 0 });
    const { error } = await clock.finish(collect(model.generate(requestOf('How?'))));
    expect(error).toMatchObject({ reason: 'timeout' });
  });

  it('should treat an answer without text as a failure', async () => {
    expect(await createModel([['', { usage }]]).ask()).toMatchObject({
      chunks: [],
      error: { reason: 'malformed' },
    });
  });

  it('should open after five failed calls, then try once a minute later', async () => {
    const { ask, inner, model, clock, events } = createModel((_, earlier) =>
      earlier < 6 ? [{ error: failure('refused') }] : 'Back.',
    );
    for (let count = 0; count < 5; count += 1) await ask();
    expect(model.state()).toBe('down');
    expect(await ask()).toMatchObject({ error: { reason: 'paused', retryAfterSeconds: 60 } });
    expect(inner.calls).toHaveLength(5);
    await clock.advance(60_000);
    expect(model.state()).toBe('degraded');
    expect(await ask()).toMatchObject({ error: { reason: 'refused' } });
    expect(await ask()).toMatchObject({ error: { reason: 'paused' } });
    await clock.advance(60_000);
    expect((await ask()).text).toBe('Back.');
    expect(model.state()).toBe('operational');
    expect(events.map((event) => event.type)).toEqual(['breaker-opened', 'breaker-opened', 'breaker-closed']);
  });

  it('should probe with one attempt only', async () => {
    const { ask, inner, clock } = createModel(() => [{ error: failure('network') }]);
    for (let count = 0; count < 5; count += 1) await ask();
    await clock.advance(60_000);
    const before = inner.calls.length;
    await ask();
    expect(inner.calls.length - before).toBe(1);
  });

  it('should not blame the model for requests that are too long or for users who stop', async () => {
    const { model, ask, inner } = createModel(() => [{ error: failure('rejected') }]);
    for (let count = 0; count < 10; count += 1) await ask();
    expect(model.state()).toBe('operational');
    for (let count = 0; count < 10; count += 1)
      await ask({ signal: AbortSignal.abort(new Error('stopped')) });
    expect(model.state()).toBe('operational');
    expect(inner.calls).toHaveLength(10);
  });

  it('should queue beyond the limit and turn away beyond the queue', async () => {
    const { clock, model } = createModel(() => [{ delayMs: 1_000 }, 'Breathe.'], {
      maximumConcurrent: 1,
      maximumQueued: 1,
    });
    const asked = Array.from({ length: 3 }, () => collect(model.generate(requestOf('How?'))));
    const answers = await clock.finish(Promise.all(asked));
    expect(answers.map((answer) => answer.text)).toEqual(['Breathe.', 'Breathe.', '']);
    expect(answers[2]?.error).toMatchObject({ reason: 'busy', retryAfterSeconds: 5 });
    expect(model.state()).toBe('operational');
  });

  it('should give its place back when the reader leaves', async () => {
    const { model } = createModel(() => ['Breathe', ' out.'], { maximumConcurrent: 1, maximumQueued: 0 });
    for (let count = 0; count < 3; count += 1) {
      for await (const chunk of model.generate(requestOf('How?'))) {
        expect(chunk).toEqual({ type: 'text', text: 'Breathe' });
        break;
      }
    }
  });
});

const reasons = [
  'network',
  'server-error',
  'cut-off',
  'rate-limited',
  'timeout',
  'malformed',
  'refused',
  'rejected',
  'quota',
] as const;
const delays = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 200_000 }));
type ReplySteps = {
  firstDelayMs: number;
  isAlive: boolean;
  texts: number;
  tokenDelayMs: number;
  reason: ModelFailureReason | undefined;
  retryAfterSeconds: number | undefined;
};
/** Any answer: some waits, some text, some signs of life, and an end, a failure or silence. */
const replySteps: fc.Arbitrary<ReplySteps> = fc.record({
  firstDelayMs: delays,
  isAlive: fc.boolean(),
  texts: fc.integer({ min: 0, max: 4 }),
  tokenDelayMs: delays,
  reason: fc.option(fc.constantFrom(...reasons), { nil: undefined }),
  retryAfterSeconds: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }),
});

/** Every text tells which model and which attempt wrote it. */
function replyOf(steps: ReplySteps | undefined, origin: string): ScriptedReply {
  if (!steps) return `${origin};`;
  const { reason, retryAfterSeconds } = steps;
  return [
    ...(steps.isAlive ? [''] : []),
    { delayMs: steps.firstDelayMs },
    ...Array.from({ length: steps.texts }, () => [`${origin};`, { delayMs: steps.tokenDelayMs }]).flat(),
    ...(reason === undefined ? [] : [{ error: failure(reason, retryAfterSeconds) }]),
  ];
}

describe('the chain of resilient models', () => {
  it('should end within the budgets with text of exactly one attempt, or an error, whatever goes wrong', async () => {
    // Loaded here, because loading takes real time.
    await countTokens('');
    const sequences = fc.array(replySteps, { maxLength: 12 });
    const property = fc.asyncProperty(sequences, sequences, async (first, second) => {
      const clock = createManualClock();
      const models = [first, second].map((sequence, which) =>
        createResilientLanguageModel(
          scripted(
            (_, earlier) => replyOf(sequence[earlier], `${which}.${earlier}`),
            clock,
            `model-${which}`,
          ),
          { clock, random: () => 0.5 },
        ),
      );
      const chain = createFallbackLanguageModel(models as [(typeof models)[0], ...typeof models]);
      for (let call = 0; call < 4; call += 1) {
        const before = clock.elapsedMs();
        const { text, error } = await clock.finish(collect(chain.generate(requestOf('How?'))));
        expect(clock.elapsedMs() - before).toBeLessThanOrEqual(2 * languageModelLimits.totalTimeoutMs);
        expect(new Set(text.split(';').filter(Boolean)).size).toBeLessThanOrEqual(1);
        expect(text !== '' || error instanceof ModelError).toBe(true);
        expect(clock.pendingTimers()).toBe(0);
      }
    });
    await fc.assert(property, { numRuns: 150 });
  });
});
