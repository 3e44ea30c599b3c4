import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { collect } from '../../../test/contracts/language-model.ts';
import { ModelError } from './model-error.ts';
import { readCompletion } from './read-completion.ts';

const identity = { provider: 'openai', model: 'gpt-4o-mini' };
const delta = (content: unknown) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
const finish = (reason = 'stop') => ({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });

async function* from(chunks: readonly unknown[]): AsyncGenerator {
  yield* chunks;
}
const read = (chunks: readonly unknown[], maxTokens = 1_000) =>
  collect(readCompletion(from(chunks), { identity, maxTokens }));

describe('readCompletion', () => {
  it('should read text, and usage with cached tokens under the name that the server gives', async () => {
    const usage = { prompt_tokens: 10, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 8 } };
    const { text, chunks } = await read([
      delta('Breathe'),
      delta('.'),
      finish(),
      { model: 'gpt-4o-mini-2024-07-18', choices: [], usage },
    ]);
    expect(text).toBe('Breathe.');
    expect(chunks.at(-1)).toEqual({
      type: 'usage',
      usage: { promptTokens: 10, completionTokens: 4, cachedTokens: 8, isReported: true },
      model: 'gpt-4o-mini-2024-07-18',
    });
  });

  it('should take the last of several usages and no broken one', async () => {
    const total = (completion: unknown) => ({
      ...delta('a'),
      usage: { prompt_tokens: 1, completion_tokens: completion },
    });
    const { chunks } = await read([total(1), total(2), total(-1), total('3'), finish()]);
    expect(chunks.filter((chunk) => chunk.type === 'usage')).toMatchObject([
      { usage: { completionTokens: 2, cachedTokens: 0 } },
    ]);
  });

  it('should take thinking for a sign of life', async () => {
    const { chunks } = await read([
      { choices: [{ delta: { reasoning_content: 'Hm.' } }] },
      delta('Yes.'),
      finish(),
    ]);
    expect(chunks).toEqual([
      { type: 'text', text: '' },
      { type: 'text', text: 'Yes.' },
    ]);
  });

  it('should call an end without a finish reason cut off', async () => {
    expect(await read([delta('Breathe')])).toMatchObject({ text: 'Breathe', error: { reason: 'cut-off' } });
    expect(await read([])).toMatchObject({ error: { reason: 'cut-off' } });
  });

  it('should cut off what a server writes far beyond the limit', async () => {
    const { text, error } = await read(
      Array.from({ length: 100 }, () => delta('again ')),
      10,
    );
    expect(text).toHaveLength(80);
    expect(error).toBeUndefined();
  });

  it('should join any text however it is cut, in halves of characters too', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 3 })),
        async (text, sizes) => {
          const pieces: string[] = [];
          for (let start = 0; start < text.length;) {
            const { value: size } = sizes.next();
            pieces.push(text.slice(start, start + size));
            start += size;
          }
          const result = await read([...pieces.map(delta), finish()]);
          expect(result.error).toBeUndefined();
          expect(result.text).toBe(text);
          expect(result.chunks.every((chunk) => chunk.type === 'text' && chunk.text.isWellFormed())).toBe(
            true,
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it('should make well-formed text or a ModelError of any JSON', async () => {
    const near = fc.oneof(
      fc.jsonValue(),
      fc.record({ choices: fc.jsonValue() }),
      fc.jsonValue().map(delta),
      fc.record({ usage: fc.jsonValue() }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(near, { maxLength: 5 }), async (chunks) => {
        const { text, error } = await read([...chunks, finish()]);
        expect(error === undefined || error instanceof ModelError).toBe(true);
        expect(text.isWellFormed()).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
