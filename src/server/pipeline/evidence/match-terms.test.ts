import { describe, expect, it } from 'vitest';

import { analyseQuestion } from './analyse-question.ts';
import { coverageOf, matchTerms } from './match-terms.ts';
import { detectConflict } from './detect-conflict.ts';
import { numberOf } from './number-words.ts';
import { readTokens } from './read-sentences.ts';
import { readText } from './score-support.ts';

const terms = (question: string, isKnown = true) =>
  readTokens(question)
    .filter((token) => !token.isStopWord)
    .map((token) => ({ term: token.term, idf: 2, isKnown }));

function softMatch(question: string, text: string, isKnown = true): number {
  const analysed = analyseQuestion(question, terms(question, isKnown));
  return coverageOf(analysed, matchTerms(analysed, readTokens(text)).soft);
}

describe('matchTerms', () => {
  it('should match the word, then its spellings, relatives and roots, in that order', () => {
    expect(softMatch('budget', 'A budget helps.')).toBe(1);
    expect(softMatch('budegt', 'A budget helps.', false)).toBeCloseTo(0.8);
    expect(softMatch('anxiety', 'He is worried.')).toBeCloseTo(0.6);
    expect(softMatch('meditation', 'A meditative walk.')).toBeGreaterThanOrEqual(0.5);
    expect(softMatch('budget', 'The moon rose.')).toBe(0);
  });

  it('should not take a known word for a misspelling', () => {
    expect(softMatch('stance', 'A stanza was read.', true)).toBeLessThan(0.8);
  });
});

describe('analyseQuestion', () => {
  it('should weigh words that only ask less and leave out the name that is addressed', () => {
    const question = analyseQuestion('Herman, tell me about congee', terms('Herman tell congee'), ['Herman']);
    expect(question.terms.map((term) => term.word)).toEqual(['tell', 'congee']);
    expect(question.terms[0]?.idf).toBeLessThan(question.terms[1]?.idf ?? 0);
  });

  it('should keep stop words when a question has nothing else', () => {
    expect(analyseQuestion('Who are you?', []).terms.length).toBeGreaterThan(0);
  });
});

describe('detectConflict', () => {
  const conflictOf = (left: string, right: string) => detectConflict(readText(left), readText(right));

  it('should see another number of the same unit', () => {
    expect(conflictOf('Rest the dough for ten hours.', 'Rest the dough for 18 hours.')).toBe('number');
  });

  it('should see a denial of the same statement', () => {
    expect(conflictOf('Beginners need a cushion.', 'Beginners do not need a cushion.')).toBe('negation');
  });

  it('should see no conflict where the subject or the unit is another', () => {
    expect(conflictOf('Rest the dough for ten hours.', 'Bella never eats fish.')).toBeUndefined();
    expect(conflictOf('Rest the dough for ten hours.', 'Rest the dough at 18 degrees.')).toBeUndefined();
  });
});

describe('numberOf', () => {
  it.each([
    ['ten', 10],
    ['1,500', 1500],
    ['21st', 21],
    ['2.5', 2.5],
    ['tea', undefined],
    ['constructor', undefined],
  ])('should read %j as %s', (word, value) => {
    expect(numberOf(word)).toBe(value);
  });
});
