import {
  scoreClasses,
  softmaxInPlace,
  type SoftmaxExample,
  type SoftmaxTraining,
  trainSoftmax,
} from './train-softmax.ts';

const folds = 3;
const fewestExamples = 40;
const largestWork = 60_000;
const fewestWeight = 1;
const temperatures = [0.4, 0.5, 0.6, 0.7, 0.85, 1, 1.2, 1.4, 1.7, 2, 2.5, 3];

/**
 * The temperature that makes held-out probabilities most likely (temperature scaling: Guo et al. 2017), found by
 * three folds over the full-weight examples. 1 for sets too small to measure and for sets so large that three more
 * trainings would be felt at start; dropout leaves those close to calibrated.
 */
export function fitTemperature(training: SoftmaxTraining): number {
  const { examples, classCount } = training;
  const measured = examples.filter((example) => example.weight >= fewestWeight);
  if (measured.length < fewestExamples || examples.length * classCount > largestWork) return 1;
  const heldOut: { logits: Float32Array; target: number }[] = [];
  for (let fold = 0; fold < folds; fold += 1) {
    const isHeldOut = (example: SoftmaxExample, index: number) =>
      example.weight >= fewestWeight && index % folds === fold;
    const model = trainSoftmax({
      ...training,
      examples: examples.filter((example, index) => !isHeldOut(example, index)),
    });
    for (const example of examples.filter(isHeldOut)) {
      const logits = new Float32Array(classCount);
      scoreClasses(model, example.vector, logits);
      heldOut.push({ logits, target: example.target });
    }
  }
  const losses = temperatures.map((temperature) => {
    let loss = 0;
    for (const { logits, target } of heldOut) {
      const probabilities = Float32Array.from(logits);
      softmaxInPlace(probabilities, temperature);
      loss -= Math.log(Math.max(probabilities[target] ?? 0, 1e-9));
    }
    return loss;
  });
  return temperatures[losses.indexOf(Math.min(...losses))] ?? 1;
}
