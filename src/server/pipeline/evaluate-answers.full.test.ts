import { existsSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { evaluateAnswers } from './evaluate-answers.ts';

describe.skipIf(!existsSync('../shared/eval/answers'))('on the shared questions', () => {
  it('should reach the agreed quality', async () => {
    const figures = await evaluateAnswers('../shared/eval/answers');
    expect(figures.paragraph_recall_at_1).toBeGreaterThanOrEqual(0.88);
    expect(figures.answer_in_first).toBeGreaterThanOrEqual(0.8);
    expect(figures.answer_in_first_two).toBeGreaterThanOrEqual(0.88);
    expect(figures.auroc_absent).toBeGreaterThanOrEqual(0.97);
    expect(figures.auroc_near_miss).toBeGreaterThanOrEqual(0.65);
    expect(figures.absent_abstained).toBeGreaterThanOrEqual(0.95);
    expect(figures.answerable_answered).toBeGreaterThanOrEqual(0.9);
  });
});
