import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { trainTextClassifier } from './train-text-classifier.ts';

const kitchen = [
  'boil the lentils',
  'a recipe with rice',
  'cook the soup slowly',
  'what spice goes with lentils',
  'bake the bread',
];
const examples = kitchen.map((text) => ({ text, label: 'kitchen' }));
const workshop = [
  'sharpen the chisel',
  'a saw for oak boards',
  'glue the chair leg',
  'plane the oak board',
  'sand the chair',
];
const training = { examples: [...examples, ...workshop.map((text) => ({ text, label: 'workshop' }))] };

describe('trainTextClassifier', () => {
  const classifier = trainTextClassifier(training);

  it('should label texts that share words or parts of words with the examples', () => {
    expect(classifier.classify('cooking lentil soup').label).toBe('kitchen');
    expect(classifier.classify('sharpening chisels').label).toBe('workshop');
  });

  it('should give the same model for the same seed', () => {
    const again = trainTextClassifier(training);
    expect(again.classify('glue for the bread')).toEqual(classifier.classify('glue for the bread'));
  });

  it('should score unrelated texts as farther out of scope than known ones', () => {
    const known = classifier.classify('boil the lentils').outOfScopeScore;
    expect(classifier.classify('qqq vvv zzz').outOfScopeScore).toBeGreaterThan(known);
  });

  it('should never answer with the out-of-scope label', () => {
    const guarded = trainTextClassifier({
      examples: [...training.examples, { text: 'who won the election', label: 'oos' }],
      outOfScopeLabel: 'oos',
    });
    const result = guarded.classify('who won the election');
    expect(guarded.labels).toEqual(['kitchen', 'workshop']);
    expect(result.label).not.toBe('oos');
    expect(result.outOfScopeScore).toBeGreaterThan(guarded.classify('boil the lentils').outOfScopeScore);
  });

  it('should support a label with the words of its examples', () => {
    expect(classifier.supportOf('lentils', 'kitchen')).toBeGreaterThan(0);
    expect(classifier.supportOf('lentils', 'workshop')).toBeLessThan(0);
    expect(classifier.supportOf('lentils', 'nowhere')).toBe(0);
  });

  it('should refuse to train without a label', () => {
    expect(() => trainTextClassifier({ examples: [] })).toThrow(RangeError);
    expect(() =>
      trainTextClassifier({ examples: [{ text: 'a', label: 'oos' }], outOfScopeLabel: 'oos' }),
    ).toThrow(RangeError);
  });

  it('should give probabilities that sum to 1 for any text', () => {
    assert(
      property(string({ unit: 'grapheme' }), (text) => {
        const { probabilities, outOfScopeScore } = classifier.classify(text);
        expect(probabilities.reduce((sum, item) => sum + item.probability, 0)).toBeCloseTo(1, 4);
        expect(outOfScopeScore).toBeGreaterThanOrEqual(0);
        expect(outOfScopeScore).toBeLessThanOrEqual(1);
      }),
    );
  });
});
