import { featureCount } from './guard-features.ts';

/** What a text can be to the classifier: harmless, one of four topics that need a note, a crisis, or harmful. */
export const guardClasses = [
  'safe',
  'medical',
  'financial',
  'legal',
  'exercise',
  'crisis',
  'harmful',
] as const;
export type GuardClass = (typeof guardClasses)[number];

/** Weights of one byte, feature-major (`index * classes + class`), with a scale per class and plain biases. */
export type GuardWeights = { bytes: Int8Array; scales: readonly number[]; bias: readonly number[] };

export type ClassProbabilities = Readonly<Record<GuardClass, number>>;

/** Gives the probability of each class for sparse features; the softmax of a linear model. */
export type ClassifyForGuard = (features: ReadonlyMap<number, number>) => ClassProbabilities;

/** @throws Error when the weights do not fit the number of features and classes. */
export function createGuardClassifier(weights: GuardWeights): ClassifyForGuard {
  const classCount = guardClasses.length;
  if (weights.bytes.length !== featureCount * classCount)
    throw new Error('Guard weights do not fit the features; run scripts/train-guard.ts.');
  return (features) => {
    const logits = guardClasses.map(() => 0);
    for (const [index, value] of features) {
      for (let label = 0; label < classCount; label += 1)
        logits[label] = (logits[label] ?? 0) + (weights.bytes[index * classCount + label] ?? 0) * value;
    }
    const scaled = logits.map(
      (logit, label) => logit * (weights.scales[label] ?? 0) + (weights.bias[label] ?? 0),
    );
    const largest = Math.max(...scaled);
    const powers = scaled.map((logit) => Math.exp(logit - largest));
    const sum = powers.reduce((total, power) => total + power, 0);
    return Object.fromEntries(
      guardClasses.map((label, position) => [label, (powers[position] ?? 0) / sum]),
    ) as ClassProbabilities;
  };
}

/** Reads weights as `encodeGuardWeights` wrote them. @throws SyntaxError when the text is damaged. */
export function decodeGuardWeights(encoded: {
  bytes: string;
  scales: readonly number[];
  bias: readonly number[];
}): GuardWeights {
  const packed = Buffer.from(encoded.bytes, 'base64');
  return {
    bytes: new Int8Array(packed.buffer, packed.byteOffset, packed.length),
    scales: encoded.scales,
    bias: encoded.bias,
  };
}

/** Weights in a form that a TypeScript module can hold: base64 and plain numbers. */
export function encodeGuardWeights(weights: GuardWeights): {
  bytes: string;
  scales: readonly number[];
  bias: readonly number[];
} {
  const bytes = Buffer.from(weights.bytes.buffer, weights.bytes.byteOffset, weights.bytes.byteLength);
  return { bytes: bytes.toString('base64'), scales: weights.scales, bias: weights.bias };
}
