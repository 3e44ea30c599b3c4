import type { SparseVector } from './feature-space.ts';
import { createRandomNumbers } from './random-numbers.ts';
import { runSteps } from './run-steps.ts';

export type SoftmaxModel = {
  classCount: number;
  /** Feature-major: the weights of feature f start at f * classCount. */
  weights: Float32Array;
  bias: Float32Array;
};

export type SoftmaxExample = { vector: SparseVector; target: number; weight: number };

export type SoftmaxTraining = {
  examples: readonly SoftmaxExample[];
  classCount: number;
  dimensions: number;
  epochs: number;
  seed: number;
};

// Chosen by cross-validation inside the CLINC150 training set.
const learningRate = 5;
const finalRateShare = 0.1;
const biasRateShare = 0.1;
const dropShare = 0.6;
const smallestGradient = 1e-3;
const examplesBetweenPauses = 64;

/** Writes the logits of a vector into `logits` (length classCount). */
export function scoreClasses(model: SoftmaxModel, vector: SparseVector, logits: Float32Array): void {
  const { classCount, weights } = model;
  logits.set(model.bias);
  for (let position = 0; position < vector.ids.length; position += 1) {
    const start = (vector.ids[position] as number) * classCount;
    const value = vector.values[position] as number;
    for (let k = 0; k < classCount; k += 1) {
      (logits[k] as number) += value * (weights[start + k] as number);
    }
  }
}

/** Turns logits into probabilities in place; a higher temperature makes them more even. */
export function softmaxInPlace(logits: Float32Array, temperature: number): void {
  let highest = -Infinity;
  for (const logit of logits) highest = Math.max(highest, logit);
  let sum = 0;
  for (let k = 0; k < logits.length; k += 1) {
    const raised = Math.exp(((logits[k] as number) - highest) / temperature);
    logits[k] = raised;
    sum += raised;
  }
  for (let k = 0; k < logits.length; k += 1) logits[k] = (logits[k] as number) / sum;
}

/**
 * Trains a multiclass logistic regression by stochastic gradient descent with a falling rate. Each step sees a random
 * 40 % of the example's features, scaled up (dropout as a regulariser of linear models: Wager, Wang and Liang 2013).
 * Examples without a feature are skipped. The same input and seed give the same weights.
 */
export function trainSoftmax(training: SoftmaxTraining): SoftmaxModel {
  return runSteps(trainSoftmaxInSteps(training));
}

/** `trainSoftmax`, yielding between portions of the examples. */
export function* trainSoftmaxInSteps(training: SoftmaxTraining): Generator<undefined, SoftmaxModel> {
  const { examples, classCount, dimensions, epochs } = training;
  const model = {
    classCount,
    weights: new Float32Array(dimensions * classCount),
    bias: new Float32Array(classCount),
  };
  const random = createRandomNumbers(training.seed);
  const order = Int32Array.from(examples, (_, index) => index);
  const step = createStep(model, random);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    shuffle(order, random);
    const rate = learningRate * (1 - (epoch / epochs) * (1 - finalRateShare));
    for (const [position, index] of order.entries()) {
      step(examples[index] as SoftmaxExample, rate);
      if (position % examplesBetweenPauses === 0) yield;
    }
  }
  return model;
}

function createStep(model: SoftmaxModel, random: () => number) {
  const { classCount, weights, bias } = model;
  const logits = new Float32Array(classCount);
  const movedClasses = new Int32Array(classCount);
  const gradients = new Float32Array(classCount);
  return (example: SoftmaxExample, rate: number): void => {
    const vector = dropFeatures(example.vector, random);
    if (vector.ids.length === 0) return;
    scoreClasses(model, vector, logits);
    softmaxInPlace(logits, 1);
    let moved = 0;
    for (let k = 0; k < classCount; k += 1) {
      const error = (logits[k] as number) - (k === example.target ? 1 : 0);
      if (Math.abs(error) < smallestGradient) continue;
      movedClasses[moved] = k;
      gradients[moved] = error * rate * example.weight;
      moved += 1;
    }
    for (let index = 0; index < moved; index += 1) {
      (bias[movedClasses[index] as number] as number) -= biasRateShare * (gradients[index] as number);
    }
    for (let position = 0; position < vector.ids.length; position += 1) {
      const start = (vector.ids[position] as number) * classCount;
      const value = vector.values[position] as number;
      for (let index = 0; index < moved; index += 1) {
        (weights[start + (movedClasses[index] as number)] as number) -= value * (gradients[index] as number);
      }
    }
  };
}

function dropFeatures(vector: SparseVector, random: () => number): SparseVector {
  const ids = new Int32Array(vector.ids.length);
  const values = new Float32Array(vector.ids.length);
  let kept = 0;
  for (let position = 0; position < vector.ids.length; position += 1) {
    if (random() < dropShare) continue;
    ids[kept] = vector.ids[position] as number;
    values[kept] = (vector.values[position] as number) / (1 - dropShare);
    kept += 1;
  }
  return { ids: ids.subarray(0, kept), values: values.subarray(0, kept) };
}

function shuffle(order: Int32Array, random: () => number): void {
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const kept = order[last] as number;
    order[last] = order[other] as number;
    order[other] = kept;
  }
}
