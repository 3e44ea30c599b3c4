import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { contextualise } from './contextualise.ts';

type FollowUpCase = { chat: string[]; message: string; follow_up: boolean; expects?: string[] };

const cases = readFileSync('eval/follow-ups/cases.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as FollowUpCase);
const meditation = { question: 'How do I begin to meditate?', answer: 'Sit on a chair for ten minutes.' };

describe('contextualise', () => {
  it.each(cases)(
    'should read $message after $chat',
    ({ chat, message, follow_up: isFollowUp, expects = [] }) => {
      const history = chat.map((question) => ({ question, answer: '' }));
      const result = contextualise({ text: message, history });
      expect(result.isFollowUp).toBe(isFollowUp);
      if (!isFollowUp) expect(result.standalone).toBe(message);
      for (const term of expects) expect(result.standalone.toLowerCase()).toContain(term);
    },
  );

  it('should leave every first message untouched', () => {
    expect(contextualise({ text: 'and for beginners?', history: [] })).toEqual({
      standalone: 'and for beginners?',
      isFollowUp: false,
      reason: null,
    });
  });

  it('should replace what a correction corrects', () => {
    const history = [{ question: 'How do I forgive my father?', answer: '' }];
    expect(contextualise({ text: 'no, I meant my wife', history }).standalone).toBe(
      'How do I forgive my wife?',
    );
  });

  it('should follow a chain back to its topic, or use the standalone question when it is known', () => {
    const second = { question: 'and in the evening?', answer: '' };
    expect(contextualise({ text: 'why?', history: [meditation, second] }).standalone).toMatch(
      /meditate.*evening.*why/u,
    );
    const known = { ...second, standaloneQuestion: 'Is evening tea good?' };
    expect(contextualise({ text: 'why?', history: [meditation, known] }).standalone).toBe(
      'Is evening tea good? why?',
    );
  });

  it('should add what the answer was about when the question names no topic', () => {
    const history = [{ question: 'I am sad.', answer: 'Grief comes in waves. Grief needs company.' }];
    expect(contextualise({ text: 'why?', history }).standalone).toContain('grief');
  });
});
