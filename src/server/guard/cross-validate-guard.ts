import { createQuestionGuard } from './create-question-guard.ts';
import {
  evaluateGuard,
  type GuardEvaluation,
  type GuardPrediction,
  type LabelledMessage,
} from './evaluate-guard.ts';
import { createGuardClassifier, type GuardClass, guardClasses } from './guard-classifier.ts';
import { createGuardReader, extractGuardFeatures, type GuardReading } from './guard-features.ts';
import type { GuardPolicy } from './guard-policy.ts';
import { createRandom, trainGuardClassifier, type TrainingExample } from './train-guard-classifier.ts';

/** Settings with which the shipped weights are made. */
export const guardTraining = { epochs: 30, learningRate: 0.15, decay: 0.0008, seed: 20_261_121 };

/** The class that a labelled message trains; a `disclaimer` trains its topic. @throws Error for an unknown label. */
export function trainingClass(message: LabelledMessage): GuardClass {
  const name = message.label === 'disclaimer' ? message.topic : message.label;
  const found = guardClasses.find((each) => each === name);
  if (found === undefined)
    throw new Error(`No guard class for label ${message.label} and topic ${message.topic ?? 'none'}.`);
  return found;
}

/** Features and classes of labelled messages, each class weighted by the square root of its rarity. */
export function toTrainingExamples(messages: readonly LabelledMessage[]): TrainingExample[] {
  const read = createGuardReader();
  const labels = messages.map(trainingClass);
  const counts = new Map<GuardClass, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return messages.map((message, position) => {
    const label = labels[position] ?? 'safe';
    const share = (counts.get(label) ?? 1) / messages.length;
    return {
      features: extractGuardFeatures(read(message.text)),
      label,
      weight: Math.sqrt(1 / (guardClasses.length * share)),
    };
  });
}

export type CrossValidation = { evaluation: GuardEvaluation; predictions: GuardPrediction[] };

/**
 * Five folds split by family, so that no wording of a held-out family was seen: each message is judged by a guard whose
 * classifier was trained on the other folds. The rules are the same in every fold.
 */
export function crossValidateGuard(
  messages: readonly LabelledMessage[],
  policy: GuardPolicy,
): CrossValidation {
  const folds = assignFolds(messages);
  const examples = toTrainingExamples(messages);
  const read = createGuardReader();
  const predictions: CrossValidation['predictions'] = [];
  for (let fold = 0; fold < 5; fold += 1) {
    const kept = examples.filter((_, position) => folds.get(messages[position]?.family ?? '') !== fold);
    const classify = createGuardClassifier(trainGuardClassifier(kept, guardTraining));
    const engine = { read, classify: (reading: GuardReading) => classify(extractGuardFeatures(reading)) };
    const guard = createQuestionGuard({ policy, engine });
    for (const message of messages) {
      if (folds.get(message.family ?? '') === fold)
        predictions.push({ message, action: guard.check(message.text).action });
    }
  }
  return { evaluation: evaluateGuard(predictions), predictions };
}

function assignFolds(messages: readonly LabelledMessage[]): Map<string, number> {
  const families = [...new Set(messages.map((message) => message.family ?? ''))].sort();
  const random = createRandom(guardTraining.seed);
  const ranked = families
    .map((family) => ({ family, rank: random() }))
    .sort((left, right) => left.rank - right.rank);
  return new Map(ranked.map(({ family }, position) => [family, position % 5]));
}
