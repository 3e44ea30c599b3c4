import { describe, expect, it } from 'vitest';

import {
  collect,
  contractText,
  describeLanguageModel,
  requestOf,
} from '../../../test/contracts/language-model.ts';
import { createManualClock } from '../../../test/manual-clock.ts';
import { sleep } from './clock.ts';
import { ModelError } from './model-error.ts';
import { createScriptedLanguageModel, type ScriptedReply } from './scripted-language-model.ts';

const replies: Record<'speaks' | 'hangs' | 'fails', ScriptedReply> = {
  speaks: contractText.split(/(?<= )/),
  hangs: [{ delayMs: 1_000_000 }],
  fails: [{ error: new ModelError('network', 'It failed.') }],
};

describeLanguageModel('scripted', async () => ({
  createModel: (behaviour) =>
    createScriptedLanguageModel({
      script: () => replies[behaviour],
      sleep: (delayMs, signal) => sleep(delayMs, { clock: createManualClock(), signal }),
    }),
  close: async () => undefined,
}));

describe('createScriptedLanguageModel', () => {
  it('should answer the calls in order and record them', async () => {
    const model = createScriptedLanguageModel({ script: ['One.', ['Two', '.']] });
    expect((await collect(model.generate(requestOf('First?')))).text).toBe('One.');
    expect((await collect(model.generate(requestOf('Second?')))).text).toBe('Two.');
    expect(model.calls.map((call) => call.messages[0]?.content)).toEqual(['First?', 'Second?']);
    expect((await collect(model.generate(requestOf('Third?')))).error).toBeInstanceOf(ModelError);
  });

  it('should answer by the prompt and report usage', async () => {
    const usage = { promptTokens: 3, completionTokens: 2, cachedTokens: 0, isReported: true };
    const model = createScriptedLanguageModel({
      script: (request, earlierCalls) => [`${earlierCalls}: ${request.messages[0]?.content}`, { usage }],
    });
    expect((await collect(model.generate(requestOf('Hello')))).chunks).toEqual([
      { type: 'text', text: '0: Hello' },
      { type: 'usage', usage, model: 'scripted' },
    ]);
  });
});
