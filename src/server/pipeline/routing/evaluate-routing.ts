import { z } from 'zod';

import { readJsonLines } from '../../read-json-lines.ts';
import type { NamespaceEvidence } from './combine-signals.ts';
import type { Router } from './create-router.ts';
import { type LabelledText, trainTextClassifier } from './train-text-classifier.ts';

export type RoutingFigures = {
  /** Share of in-scope texts that were kept and given their label; null without such texts. */
  accuracy_in_scope: number | null;
  /** Share of out-of-scope texts that were rejected; null without such texts. */
  recall_out_of_scope: number | null;
  /** Median time of one decision, milliseconds. */
  p50_ms: number;
};

export type PersonaRoutingFigures = { accuracy: number; questions: number; p50_ms: number };

const outOfScopeLabel = 'oos';
const outOfScopeThreshold = 0.5;
const foldCount = 5;
const labelledLine = z.object({ text: z.string(), label: z.string() });
const personaLine = z.object({ text: z.string(), namespace: z.string() });

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Runs `decide` and counts how long it took into `timesMs`. */
function timed<Result>(timesMs: number[], decide: () => Result): Result {
  const startedAt = performance.now();
  const result = decide();
  timesMs.push(performance.now() - startedAt);
  return result;
}

type Judgement = { text: string; expected: string; label: string; isRejected: boolean };

/** One measured text: what was expected, what was decided, and 1 when that is right, else 0. */
export type RoutedItem = { id: string; text: string; expected: string; chosen: string; score: number };

function judge(options: {
  training: LabelledText[];
  questions: LabelledText[];
  timesMs: number[];
}): Judgement[] {
  const classifier = trainTextClassifier({ examples: options.training, outOfScopeLabel });
  return options.questions.map(({ text, label: expected }) => {
    const { label, outOfScopeScore } = timed(options.timesMs, () => classifier.classify(text));
    return { text, expected, label, isRejected: outOfScopeScore >= outOfScopeThreshold };
  });
}

/**
 * Measures the classifier on lines {text, label}, where the label `oos` means out of scope. Trained on `trainPath`;
 * without it the data set itself is measured in five folds of every fifth line.
 * @throws AppError invalid_field when a line is not of that form or a file is empty.
 */
export async function evaluateRouting(options: {
  datasetPath: string;
  trainPath?: string;
  onItem?: (item: RoutedItem) => void;
}): Promise<RoutingFigures> {
  const questions = await readJsonLines(options.datasetPath, labelledLine);
  const timesMs: number[] = [];
  let judgements: Judgement[] = [];
  if (options.trainPath === undefined) {
    for (let fold = 0; fold < foldCount; fold += 1) {
      const isHeldOut = (_: unknown, index: number) => index % foldCount === fold;
      const training = questions.filter((_, index) => !isHeldOut(_, index));
      judgements = judgements.concat(judge({ training, questions: questions.filter(isHeldOut), timesMs }));
    }
  } else {
    judgements = judge({
      training: await readJsonLines(options.trainPath, labelledLine),
      questions,
      timesMs,
    });
  }
  for (const [index, { text, expected, label, isRejected }] of judgements.entries()) {
    const chosen = isRejected ? outOfScopeLabel : label;
    options.onItem?.({ id: String(index + 1), text, expected, chosen, score: chosen === expected ? 1 : 0 });
  }
  const share = (all: Judgement[], good: Judgement[]) => (all.length === 0 ? null : good.length / all.length);
  const inScope = judgements.filter(({ expected }) => expected !== outOfScopeLabel);
  const outside = judgements.filter(({ expected }) => expected === outOfScopeLabel);
  return {
    accuracy_in_scope: share(
      inScope,
      inScope.filter(({ expected, label, isRejected }) => !isRejected && label === expected),
    ),
    recall_out_of_scope: share(
      outside,
      outside.filter(({ isRejected }) => isRejected),
    ),
    p50_ms: median(timesMs),
  };
}

/**
 * Measures a persona's router on lines {text, namespace}: a question counts when the chosen specialist owns its
 * namespace. `specialists` are the ones the router was made of; `findEvidence` gives the passages' namespaces.
 * @throws AppError invalid_field when a line is not of that form or the file is empty.
 */
export async function evaluatePersonaRouting(options: {
  datasetPath: string;
  router: Router;
  specialists: readonly { id: string; namespaces: readonly string[] }[];
  findEvidence?: (text: string) => Promise<readonly NamespaceEvidence[]>;
  onItem?: (item: RoutedItem) => void;
}): Promise<PersonaRoutingFigures> {
  const { router, specialists, findEvidence } = options;
  const questions = await readJsonLines(options.datasetPath, personaLine);
  const timesMs: number[] = [];
  let right = 0;
  for (const [index, { text, namespace }] of questions.entries()) {
    const evidence = (await findEvidence?.(text)) ?? [];
    const { specialistId } = timed(timesMs, () => router.route(text, evidence));
    const chosen = specialists.find(({ id }) => id === specialistId);
    const score = chosen?.namespaces.includes(namespace) === true ? 1 : 0;
    right += score;
    options.onItem?.({ id: String(index + 1), text, expected: namespace, chosen: specialistId, score });
  }
  return { accuracy: right / questions.length, questions: questions.length, p50_ms: median(timesMs) };
}
