import { featureCount } from './guard-features.ts';
import { type GuardClass, type GuardWeights, guardClasses } from './guard-classifier.ts';

/** One labelled text as features; `weight` scales its influence. */
export type TrainingExample = { features: ReadonlyMap<number, number>; label: GuardClass; weight: number };

export type TrainingOptions = { epochs: number; learningRate: number; decay: number; seed: number };

/**
 * Multinomial logistic regression by stochastic gradient descent with per-weight step sizes (Adagrad, Duchi et al. 2011)
 * and L2 shrinkage of the weights that an example touches. The same seed and data give the same weights, which come
 * back rounded to one byte each with one scale per class.
 */
export function trainGuardClassifier(
  examples: readonly TrainingExample[],
  options: TrainingOptions,
): GuardWeights {
  const classCount = guardClasses.length;
  const weights = new Float64Array(featureCount * classCount);
  const gradients = new Float64Array(featureCount * classCount).fill(1e-3);
  const bias = new Float64Array(classCount);
  const order = examples.map((_, position) => position);
  const random = createRandom(options.seed);
  for (let epoch = 0; epoch < options.epochs; epoch += 1) {
    shuffle(order, random);
    const rate = options.learningRate / (1 + epoch * 0.1);
    for (const position of order) {
      const example = examples[position];
      if (example !== undefined)
        learnExample({ example, weights, gradients, bias, rate, decay: options.decay });
    }
  }
  return quantise(weights, bias);
}

type LearnState = {
  example: TrainingExample;
  weights: Float64Array;
  gradients: Float64Array;
  bias: Float64Array;
  rate: number;
  decay: number;
};

function learnExample(state: LearnState): void {
  const { example, weights, gradients, bias } = state;
  const classCount = guardClasses.length;
  const logits = Array.from(bias);
  for (const [index, value] of example.features) {
    for (let label = 0; label < classCount; label += 1)
      logits[label] = (logits[label] ?? 0) + (weights[index * classCount + label] ?? 0) * value * 8;
  }
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  const target = guardClasses.indexOf(example.label);
  for (let label = 0; label < classCount; label += 1) {
    const error = ((powers[label] ?? 0) / sum - (label === target ? 1 : 0)) * example.weight;
    bias[label] = (bias[label] ?? 0) - state.rate * 0.02 * error;
    for (const [index, value] of example.features) {
      const slot = index * classCount + label;
      const weight = weights[slot] ?? 0;
      const gradient = error * value + state.decay * weight;
      const history = (gradients[slot] ?? 0) + gradient * gradient;
      gradients[slot] = history;
      weights[slot] = weight - (state.rate * gradient) / Math.sqrt(history);
    }
  }
}

function quantise(weights: Float64Array, bias: Float64Array): GuardWeights {
  const classCount = guardClasses.length;
  const scales = guardClasses.map((_, label) => {
    let largest = 1e-9;
    for (let slot = label; slot < weights.length; slot += classCount)
      largest = Math.max(largest, Math.abs(weights[slot] ?? 0));
    return (largest * 8) / 127;
  });
  const bytes = new Int8Array(weights.length);
  for (let slot = 0; slot < weights.length; slot += 1) {
    bytes[slot] = Math.round(((weights[slot] ?? 0) * 8) / (scales[slot % classCount] ?? 1));
  }
  return { bytes, scales, bias: Array.from(bias, (value) => Math.round(value * 1e4) / 1e4) };
}

function shuffle(order: number[], random: () => number): void {
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
  }
}

/** A small seeded generator (mulberry32) with values in [0, 1). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
