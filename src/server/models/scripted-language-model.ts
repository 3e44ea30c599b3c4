import type { GenerateOptions, LanguageModel, ModelChunk, TokenUsage } from './language-model.ts';
import { ModelError } from './model-error.ts';

/** One thing that a scripted model does: say a text, wait, report usage, or fail. */
export type ScriptedStep = string | { delayMs: number } | { usage: TokenUsage } | { error: Error };

/** One answer: a whole text, or its steps in order. */
export type ScriptedReply = string | readonly ScriptedStep[];

/** The answers in the order of the calls, or a function of the prompt and the number of calls before. */
export type Script =
  | readonly ScriptedReply[]
  | ((request: GenerateOptions, earlierCalls: number) => ScriptedReply);

export type ScriptedLanguageModel = LanguageModel & {
  /** What it was asked, in order. */
  readonly calls: readonly GenerateOptions[];
};

/**
 * A language model that says what it is told to, for tests and demonstrations. It stops at the next step after an
 * abort.
 * @param options.sleep waits for `delayMs`; needed only by scripts with delays
 * @throws ModelError when there are more calls than replies; from `generate`, the script's errors
 */
export function createScriptedLanguageModel(options: {
  script: Script;
  id?: string;
  sleep?: (delayMs: number, signal: AbortSignal) => Promise<void>;
}): ScriptedLanguageModel {
  const { script, id = 'scripted', sleep } = options;
  const calls: GenerateOptions[] = [];

  function replyTo(request: GenerateOptions, earlierCalls: number): readonly ScriptedStep[] {
    const reply = typeof script === 'function' ? script(request, earlierCalls) : script[earlierCalls];
    if (reply === undefined)
      throw new ModelError('malformed', `The script has no reply to call ${earlierCalls + 1}.`);
    return typeof reply === 'string' ? [reply] : reply;
  }

  async function* generate(request: GenerateOptions): AsyncGenerator<ModelChunk, void, void> {
    calls.push(request);
    for (const step of replyTo(request, calls.length - 1)) {
      request.signal.throwIfAborted();
      if (typeof step === 'string') yield { type: 'text', text: step };
      else if ('usage' in step) yield { type: 'usage', usage: step.usage, model: id };
      else if ('error' in step) throw step.error;
      else if (sleep) await sleep(step.delayMs, request.signal);
      else throw new Error('A script with delays needs `sleep`.');
    }
    request.signal.throwIfAborted();
  }

  return { id, calls, generate };
}
