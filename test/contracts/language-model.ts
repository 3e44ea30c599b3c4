import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { AppError } from '../../src/server/errors.ts';
import type { GenerateOptions, LanguageModel, ModelChunk } from '../../src/server/models/language-model.ts';

/** What the models of a fixture say. */
export const contractText = 'Sit for ten minutes. Breathe out slowly: 呼吸 🌿.';

export type LanguageModelFixture = {
  /** One that says `contractText`, one that never answers, one whose provider fails before the first token. */
  createModel: (behaviour: 'speaks' | 'hangs' | 'fails') => LanguageModel;
  close: () => Promise<void>;
};

/** A request with a signal that never aborts, unless the test gives one. */
export function requestOf(question: string, changes: Partial<GenerateOptions> = {}): GenerateOptions {
  const { signal } = new AbortController();
  return {
    messages: [{ role: 'user', content: question }],
    maxTokens: 200,
    temperature: 0,
    signal,
    ...changes,
  };
}

export type Collected = { text: string; chunks: ModelChunk[]; error: unknown };

/** Reads a stream to its end; an error is part of the result, with what came before it. */
export async function collect(stream: AsyncIterable<ModelChunk>): Promise<Collected> {
  const collected: Collected = { text: '', chunks: [], error: undefined };
  try {
    for await (const chunk of stream) {
      collected.chunks.push(chunk);
      if (chunk.type === 'text') collected.text += chunk.text;
    }
  } catch (error) {
    collected.error = error;
  }
  return collected;
}

/** What every adapter of `LanguageModel` does. */
export function describeLanguageModel(
  name: string,
  createFixture: () => Promise<LanguageModelFixture>,
): void {
  describe(`LanguageModel contract: ${name}`, () => {
    let fixture: LanguageModelFixture;
    beforeAll(async () => {
      fixture = await createFixture();
    });
    afterAll(async () => {
      await fixture.close();
    });

    it('should stream the text whole, with at most one usage, at the end', async () => {
      const { text, chunks, error } = await collect(
        fixture.createModel('speaks').generate(requestOf('How?')),
      );
      expect(error).toBeUndefined();
      expect(text).toBe(contractText);
      expect(text.isWellFormed()).toBe(true);
      expect(chunks.slice(0, -1).every((chunk) => chunk.type === 'text')).toBe(true);
    });

    it('should answer two questions at once', async () => {
      const model = fixture.createModel('speaks');
      const answers = await Promise.all([
        collect(model.generate(requestOf('A?'))),
        collect(model.generate(requestOf('B?'))),
      ]);
      expect(answers.map((answer) => answer.text)).toEqual([contractText, contractText]);
    });

    it('should let the reader leave early and ask again', async () => {
      const model = fixture.createModel('speaks');
      for await (const chunk of model.generate(requestOf('How?')))
        if (chunk.type === 'text' && chunk.text !== '') break;
      expect((await collect(model.generate(requestOf('How?')))).text).toBe(contractText);
    });

    it('should end with the reason of an abort while it waits', async () => {
      const controller = new AbortController();
      const collecting = collect(
        fixture.createModel('hangs').generate(requestOf('How?', { signal: controller.signal })),
      );
      const reason = new Error('stopped by the user');
      setImmediate(() => controller.abort(reason));
      expect(await collecting).toMatchObject({ text: '', error: reason });
    });

    it('should not begin when it is aborted already', async () => {
      const reason = new Error('stopped before');
      const request = requestOf('How?', { signal: AbortSignal.abort(reason) });
      expect(await collect(fixture.createModel('speaks').generate(request))).toMatchObject({
        text: '',
        error: reason,
      });
    });

    it('should fail with model_unavailable', async () => {
      const { error } = await collect(fixture.createModel('fails').generate(requestOf('How?')));
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ code: 'model_unavailable', status: 503 });
    });
  });
}
