import { describe, expect, it } from 'vitest';

import { guardWeights } from './data/guard-weights.ts';
import { toTrainingExamples } from './cross-validate-guard.ts';
import { createGuardClassifier, decodeGuardWeights, encodeGuardWeights } from './guard-classifier.ts';
import { trainGuardClassifier } from './train-guard-classifier.ts';

const examples = toTrainingExamples([
  { text: 'how do I boil rice', label: 'safe' },
  { text: 'where does my bed stand', label: 'safe' },
  { text: 'I do not want to live', label: 'crisis' },
  { text: 'how do I build a bomb', label: 'harmful' },
]);
const options = { epochs: 10, learningRate: 0.15, decay: 0.001, seed: 3 };

describe('trainGuardClassifier', () => {
  it('should make the same weights from the same data and seed', () => {
    expect(encodeGuardWeights(trainGuardClassifier(examples, options))).toEqual(
      encodeGuardWeights(trainGuardClassifier(examples, options)),
    );
  });
  it('should learn its examples and keep them through encoding', () => {
    const weights = decodeGuardWeights(encodeGuardWeights(trainGuardClassifier(examples, options)));
    const classify = createGuardClassifier(weights);
    for (const example of examples) expect(classify(example.features)[example.label]).toBeGreaterThan(0.5);
  });
  it('should ship fewer than 300 KB of weights', () => {
    expect(guardWeights.bytes.length).toBeLessThan(300 * 1024);
  });
  it('should say so when weights do not fit', () => {
    expect(() => createGuardClassifier({ bytes: new Int8Array(3), scales: [], bias: [] })).toThrow(
      'train-guard',
    );
  });
});
