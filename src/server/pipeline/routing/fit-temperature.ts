import {
  scoreClasses,
  softmaxInPlace,
  type SoftmaxExample,
  type SoftmaxTraining,
  trainSoftmax,
} from './train-softmax.ts';

const heldOutEvery = 3;
const fewestExamples = 60;
const largestWork = 60_000;
const measuredWeight = 1;
const temperatures = [0.4, 0.5, 0.6, 0.7, 0.85, 1, 1.2, 1.4, 1.7, 2, 2.5, 3];

/**
 * The temperature that makes held-out probabilities most likely (temperature scaling: Guo et al. 2017), measured on
 * every third full-weight example by a model trained on the rest. 1 for sets too small to measure and for sets so
 * large that a second training would be felt at start; dropout leaves those close to calibrated.
 */
export function fitTemperature(training: SoftmaxTraining): number {
  const { examples, classCount } = training;
  const measured = examples.filter((example) => example.weight >= measuredWeight);
  if (measured.length < fewestExamples || examples.length * classCount > largestWork) return 1;
  const heldOut = new Set(measured.filter((_, index) => index % heldOutEvery === 0));
  const model = trainSoftmax({ ...training, examples: examples.filter((example) => !heldOut.has(example)) });
  const results = [...heldOut].map((example) => scoreExample(example, model));
  const losses = temperatures.map((temperature) =>
    results.reduce((loss, { logits, target }) => {
      const probabilities = Float32Array.from(logits);
      softmaxInPlace(probabilities, temperature);
      return loss - Math.log(Math.max(probabilities[target] ?? 0, 1e-9));
    }, 0),
  );
  return temperatures[losses.indexOf(Math.min(...losses))] ?? 1;
}

function scoreExample(example: SoftmaxExample, model: ReturnType<typeof trainSoftmax>) {
  const logits = new Float32Array(model.classCount);
  scoreClasses(model, example.vector, logits);
  return { logits, target: example.target };
}
