import { guardWeights } from './data/guard-weights.ts';
import { type ClassProbabilities, createGuardClassifier, decodeGuardWeights } from './guard-classifier.ts';
import { createGuardReader, extractGuardFeatures, type GuardReading } from './guard-features.ts';

/** Rules and classifier behind all guards; one engine serves every persona. */
export type GuardEngine = {
  /** Normalises a text and finds the rules that match. */
  read: (text: string) => GuardReading;
  classify: (reading: GuardReading) => ClassProbabilities;
};

/**
 * The shipped rules and weights. Nothing is compiled or decoded before the first use, which takes about 0.1 s; call
 * `read` once after start-up to spare the first question that time.
 */
export function createGuardEngine(): GuardEngine {
  let read: ((text: string) => GuardReading) | undefined;
  let classify: ReturnType<typeof createGuardClassifier> | undefined;
  return {
    read(text) {
      read ??= createGuardReader();
      return read(text);
    },
    classify(reading) {
      classify ??= createGuardClassifier(decodeGuardWeights(guardWeights));
      return classify(extractGuardFeatures(reading));
    },
  };
}
