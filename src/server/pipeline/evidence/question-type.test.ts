import { describe, expect, it } from 'vitest';

import { detectQuestionType } from './question-type.ts';

describe('detectQuestionType', () => {
  it.each([
    ['Who founded the hall?', 'who'],
    ['When did the uprising begin?', 'when'],
    ['In what year was it built?', 'when'],
    ['Where should my bed stand?', 'where'],
    ['In which country is Normandy?', 'where'],
    ['How many minutes should I sit?', 'quantity'],
    ['What percentage of people vote?', 'quantity'],
    ['How long should I hold it?', 'quantity'],
    ['How do I begin to meditate?', 'how-to'],
    ['My knees hurt, what should I do?', 'how-to'],
    ['Why do I fall asleep?', 'why'],
    ['What is qigong?', 'definition'],
    ['What does kung fu mean?', 'definition'],
    ['Give me examples of breakfasts', 'list'],
    ['Can meditation help with anxiety?', 'yes-no'],
    ['Should I sit on a chair or a cushion?', 'choice'],
    ['breathing', 'other'],
  ])('should read %j as %s', (question, type) => {
    expect(detectQuestionType(question)).toBe(type);
  });

  it('should look at the asking sentence when a story comes first', () => {
    expect(detectQuestionType('I was ill when I was young. Why am I still afraid?')).toBe('why');
  });
});
