import { describe, expect, it } from 'vitest';

import { answerFromPrompt } from './answer-from-prompt.ts';
import { embedText } from './embed-text.ts';
import { startModelServer } from './start-model-server.ts';

const prompt = [
  'Passages:',
  '[1] {"title":"Sitting","text":"Sit upright. Breathe out slowly through the nose."}',
  '[2] {"title":"Money","text":"Save before you invest."}',
  '',
  'Question: How do I breathe when I sit?',
].join('\n');

describe('answerFromPrompt', () => {
  it('should quote the sentences that share words with the question, with their markers', () => {
    const answer = answerFromPrompt([{ role: 'user', content: prompt }]);
    expect(answer).toBe(
      'Sit upright. [1] Breathe out slowly through the nose. [1] Save before you invest. [2]',
    );
    expect(answerFromPrompt([{ role: 'user', content: 'Hello' }])).toBe(
      'There are no passages to answer from.',
    );
  });
});

describe('embedText', () => {
  it('should be nearer to a text with more words in common', () => {
    const cosine = (left: number[], right: number[]) => {
      const dot = (one: number[], other: number[]) =>
        one.reduce((sum, value, axis) => sum + value * (other[axis] ?? 0), 0);
      return dot(left, right) / Math.sqrt(dot(left, left) * dot(right, right));
    };
    const [all, half, none] = [
      'calm breath morning tea',
      'calm breath evening walk',
      'stock market index fund',
    ].map((text) => embedText(text));
    if (!all || !half || !none) throw new Error('three texts make three vectors');
    expect(cosine(all, half)).toBeGreaterThan(0.35);
    expect(cosine(all, half)).toBeLessThan(0.65);
    expect(Math.abs(cosine(all, none))).toBeLessThan(0.2);
  });
});

describe('the model server', () => {
  it('should list models, answer in one piece, and take its answers and faults from outside', async () => {
    const server = await startModelServer();
    try {
      const models = (await (await fetch(`${server.baseUrl}/models`)).json()) as { data: { id: string }[] };
      expect(models.data.map((model) => model.id)).toContain('gpt-4o-mini');
      await server.control({ replies: ['As told.'], faults: ['none', 'server-error'] });
      const ask = (headers: Record<string, string> = {}) =>
        fetch(`${server.baseUrl}/chat/completions`, {
          method: 'POST',
          headers,
          body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: prompt }] }),
        });
      expect(await (await ask()).json()).toMatchObject({ choices: [{ message: { content: 'As told.' } }] });
      expect((await ask()).status).toBe(500);
      expect((await ask({ 'x-fault': 'rate-limited' })).headers.get('retry-after')).toBe('1');
      expect(await (await ask()).json()).toMatchObject({
        choices: [{ message: { content: expect.stringContaining('[1]') } }],
      });
    } finally {
      await server.close();
    }
    await expect(fetch(`${server.baseUrl}/models`)).rejects.toThrow('fetch failed');
  });
});
