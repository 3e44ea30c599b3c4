import type { GenerateOptions, LanguageModel, ModelChunk } from '../src/server/models/language-model.ts';

export type GatedLanguageModel = LanguageModel & {
  /** Resolves when a question has reached the model. */
  asked: () => Promise<GenerateOptions>;
  /** Lets the model say something to the oldest open question. */
  say: (text: string) => void;
  /** Ends the answer of the oldest open question, well or with an error. */
  end: (error?: Error) => void;
};

type Step = { text: string } | { end: true } | { error: Error };

/** A language model that speaks only when the test tells it to, and stops at once when it is aborted. */
export function createGatedLanguageModel(): GatedLanguageModel {
  const arrived: GenerateOptions[] = [];
  const arrivals: ((request: GenerateOptions) => void)[] = [];
  const steps: Step[] = [];
  let wake = Promise.withResolvers<void>();

  const give = (step: Step) => {
    steps.push(step);
    wake.resolve();
  };

  async function* generate(request: GenerateOptions): AsyncGenerator<ModelChunk, void, void> {
    const arrival = arrivals.shift();
    if (arrival) arrival(request);
    else arrived.push(request);
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    aborted.catch(() => undefined);
    request.signal.addEventListener('abort', () => reject(request.signal.reason as Error), { once: true });
    for (;;) {
      request.signal.throwIfAborted();
      const step = steps.shift();
      if (step === undefined) {
        wake = Promise.withResolvers();
        await Promise.race([wake.promise, aborted]);
      } else if ('error' in step) throw step.error;
      else if ('end' in step) return;
      else yield { type: 'text', text: step.text };
    }
  }

  return {
    id: 'gated',
    generate,
    asked: () =>
      new Promise((resolve) => {
        const request = arrived.shift();
        if (request) resolve(request);
        else arrivals.push(resolve);
      }),
    say: (text) => give({ text }),
    end: (error) => give(error ? { error } : { end: true }),
  };
}
