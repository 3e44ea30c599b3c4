import { guardWeights } from './data/guard-weights.ts';
import { type ClassProbabilities, createGuardClassifier, decodeGuardWeights } from './guard-classifier.ts';
import { createGuardReader, extractGuardFeatures, type GuardReading } from './guard-features.ts';

/** Rules and classifier behind all guards; one engine serves every persona. */
export type GuardEngine = {
  /** Normalises a text and finds the rules that match. */
  read: (text: string) => GuardReading;
  classify: (reading: GuardReading) => ClassProbabilities;
};

// Compiled rules and decoded weights are constants; all engines of a process share one copy of them.
let sharedRead: GuardEngine['read'] | undefined;
let sharedClassify: ReturnType<typeof createGuardClassifier> | undefined;

/**
 * The shipped rules and weights. Nothing is compiled or decoded before the first use, which takes about 0.1 s; call
 * `read` once after start-up to spare the first question that time.
 */
export function createGuardEngine(): GuardEngine {
  return {
    read(text) {
      sharedRead ??= createGuardReader();
      return sharedRead(text);
    },
    classify(reading) {
      sharedClassify ??= createGuardClassifier(decodeGuardWeights(guardWeights));
      return sharedClassify(extractGuardFeatures(reading));
    },
  };
}
