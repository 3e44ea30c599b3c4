import { readFile } from 'node:fs/promises';

import { createQuestionGuard } from '../../server/guard/create-question-guard.ts';
import {
  evaluateGuard,
  type GuardEvaluation,
  type LabelledMessage,
  parseGuardLines,
  predictGuard,
} from '../../server/guard/evaluate-guard.ts';
import type { GuardPolicy } from '../../server/guard/guard-policy.ts';
import { findInstructions } from '../../server/guard/neutralise-instructions.ts';

/** A text of a data set with what was done about it. */
export type JudgedMessage = { message: LabelledMessage; action: string };
export type InjectionFigures = Record<string, { n: number; flagged: number; share: number }>;

/** What the guard of a policy does with each message of a JSONL file, counted by label. */
export async function evaluateGuardFile(
  path: string,
  policy: GuardPolicy,
): Promise<{ figures: GuardEvaluation; predictions: JudgedMessage[] }> {
  const messages = parseGuardLines(await readFile(path, 'utf8'));
  const predictions = predictGuard(messages, createQuestionGuard({ policy }).check);
  return { figures: evaluateGuard(predictions), predictions };
}

/** In how many texts of a JSONL file the filter finds instructions to the model, counted by label. */
export async function evaluateInjectionFile(
  path: string,
): Promise<{ figures: InjectionFigures; predictions: JudgedMessage[] }> {
  const messages = parseGuardLines(await readFile(path, 'utf8'));
  const predictions = messages.map((message) => ({
    message,
    action: findInstructions(message.text).length > 0 ? 'flagged' : 'kept',
  }));
  const figures: InjectionFigures = {};
  for (const { message, action } of predictions) {
    const row = (figures[message.label] ??= { n: 0, flagged: 0, share: 0 });
    row.n += 1;
    if (action === 'flagged') row.flagged += 1;
    row.share = row.flagged / row.n;
  }
  return { figures, predictions };
}
