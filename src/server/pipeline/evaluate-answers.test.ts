import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { areaUnderCurve, evaluateAnswers } from './evaluate-answers.ts';

const folder = mkdtempSync(join(tmpdir(), 'answers-'));
afterAll(() => rmSync(folder, { recursive: true }));

const lines = (rows: object[]) => rows.map((row) => JSON.stringify(row)).join('\n');

describe('evaluateAnswers', () => {
  it('should measure a labelled folder', async () => {
    const paragraphs = [
      {
        id: 'a',
        title: 'Bears',
        text: 'Brown bears sleep through the winter. They wake in April and look for grass.',
      },
      { id: 'b', title: 'Bread', text: 'Bread dough rests for eighteen hours. A baker folds it four times.' },
    ];
    const questions = [
      {
        id: '1',
        question: 'How long does bread dough rest?',
        kind: 'answerable',
        paragraph: 'b',
        answers: ['eighteen hours'],
      },
      {
        id: '2',
        question: 'Who painted the ceiling of the chapel in Florence?',
        kind: 'absent',
        paragraph: null,
        answers: [],
      },
      {
        id: '3',
        question: 'Why do brown bears never sleep in caves?',
        kind: 'near-miss',
        paragraph: 'a',
        answers: [],
      },
    ];
    writeFileSync(join(folder, 'paragraphs.jsonl'), lines(paragraphs));
    writeFileSync(join(folder, 'questions.jsonl'), lines(questions));
    expect(await evaluateAnswers(folder)).toMatchObject({
      answerable: 1,
      absent: 1,
      near_miss: 1,
      paragraph_recall_at_1: 1,
      answer_in_first: 1,
      auroc_absent: 1,
      absent_abstained: 1,
      answerable_answered: 1,
    });
  });
});

describe('areaUnderCurve', () => {
  it('should be 1 for a clean cut, 0.5 for ties, 0 for the reverse', () => {
    expect(areaUnderCurve([3, 4], [1, 2])).toBe(1);
    expect(areaUnderCurve([1, 1], [1, 1])).toBe(0.5);
    expect(areaUnderCurve([1], [2])).toBe(0);
  });
});
