import type { GuardAction } from '../../shared/messages.ts';
import { findInstructions } from './neutralise-instructions.ts';

/** One line of a guard data set. */
export type LabelledMessage = { text: string; label: string; family?: string; topic?: string };

export type GuardPrediction = { message: LabelledMessage; action: GuardAction };

/** Per label: how many messages, and how many got each action. */
export type GuardEvaluation = Record<
  string,
  { n: number; allow: number; disclaim: number; support: number; refuse: number }
>;

/**
 * Reads the lines of a JSONL data set; blank lines are skipped and a missing label counts as `unlabelled`.
 * @throws Error naming the line that is no object with a text.
 */
export function parseGuardLines(content: string): LabelledMessage[] {
  return content.split('\n').flatMap((line, position) => {
    if (line.trim() === '') return [];
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      throw new Error(`Line ${position + 1} is no JSON.`, { cause });
    }
    if (typeof value !== 'object' || value === null || !('text' in value) || typeof value.text !== 'string')
      throw new Error(`Line ${position + 1} has no "text".`);
    const text = (name: string): string | undefined => {
      const field: unknown = Reflect.get(value, name);
      return typeof field === 'string' ? field : undefined;
    };
    const family = text('family');
    const topic = text('topic');
    return [
      {
        text: value.text,
        label: text('label') ?? 'unlabelled',
        ...(family === undefined ? {} : { family }),
        ...(topic === undefined ? {} : { topic }),
      },
    ];
  });
}

/** Judges each message with `check` and keeps the action beside it. */
export function predictGuard(
  messages: readonly LabelledMessage[],
  check: (text: string) => { action: GuardAction },
): GuardPrediction[] {
  return messages.map((message) => ({ message, action: check(message.text).action }));
}

/** Counts actions per label. */
export function evaluateGuard(predictions: readonly GuardPrediction[]): GuardEvaluation {
  const result: GuardEvaluation = {};
  for (const { message, action } of predictions) {
    const row = (result[message.label] ??= { n: 0, allow: 0, disclaim: 0, support: 0, refuse: 0 });
    row.n += 1;
    row[action] += 1;
  }
  return result;
}

/** Per label: how many texts, and in how many an instruction to the model was found. */
export type InjectionEvaluation = Record<string, { n: number; flagged: number }>;

/** Runs `findInstructions` over labelled passages (label `injected` or `benign`; anything else is counted as it is). */
export function evaluateInjection(lines: readonly LabelledMessage[]): InjectionEvaluation {
  const result: InjectionEvaluation = {};
  for (const { text, label } of lines) {
    const row = (result[label] ??= { n: 0, flagged: 0 });
    row.n += 1;
    if (findInstructions(text).length > 0) row.flagged += 1;
  }
  return result;
}
