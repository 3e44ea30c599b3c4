import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

import { z } from 'zod';

import { createQuestionGuard } from '../../server/guard/create-question-guard.ts';
import { evaluateGuard, type GuardEvaluation } from '../../server/guard/evaluate-guard.ts';
import type { GuardPolicy } from '../../server/guard/guard-policy.ts';
import { findInstructions } from '../../server/guard/neutralise-instructions.ts';
import { readJsonLines } from '../../server/read-json-lines.ts';

const messageLine = z.object({ text: z.string(), label: z.string().default('unlabelled') });

/** A text of a data set with what was done about it; the score is 1 when that fits the label. */
export type JudgedMessage = { id: string; text: string; label: string; action: string; score: number };
export type InjectionFigures = Record<string, { n: number; flagged: number; share: number }>;

/** What should be done about a message by its label. */
const expectedActions: Readonly<Record<string, string>> = {
  safe: 'allow',
  disclaimer: 'disclaim',
  crisis: 'support',
  harmful: 'refuse',
  injected: 'flagged',
  benign: 'kept',
};

/**
 * What the guard of a policy does with each message of a JSONL file, or of all of a folder, counted by label.
 * @throws AppError invalid_field naming file and line
 */
export async function evaluateGuardFile(
  path: string,
  options: { policy: GuardPolicy; onItem: (item: JudgedMessage) => void },
): Promise<GuardEvaluation> {
  const { check } = createQuestionGuard({ policy: options.policy });
  const predictions = (await readMessages(path)).map((message) => ({
    message,
    action: check(message.text).action,
  }));
  for (const { message, action } of predictions) options.onItem(judge(message, action));
  return evaluateGuard(predictions);
}

/**
 * In how many texts of a JSONL file the filter finds instructions to the model, counted by label.
 * @throws AppError invalid_field naming file and line
 */
export async function evaluateInjectionFile(
  path: string,
  onItem: (item: JudgedMessage) => void,
): Promise<InjectionFigures> {
  const figures: InjectionFigures = {};
  for (const message of await readMessages(path)) {
    const isFlagged = findInstructions(message.text).length > 0;
    onItem(judge(message, isFlagged ? 'flagged' : 'kept'));
    const row = (figures[message.label] ??= { n: 0, flagged: 0, share: 0 });
    row.n += 1;
    if (isFlagged) row.flagged += 1;
    row.share = row.flagged / row.n;
  }
  return figures;
}

type Message = { id: string; text: string; label: string };

async function readMessages(path: string): Promise<Message[]> {
  const files = statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => name.endsWith('.jsonl'))
        .sort()
        .map((name) => join(path, name))
    : [path];
  const messages: Message[] = [];
  for (const file of files) {
    const lines = await readJsonLines(file, messageLine);
    for (const [index, line] of lines.entries())
      messages.push({ id: `${basename(file, '.jsonl')}-${index + 1}`, ...line });
  }
  return messages;
}

function judge({ id, text, label }: Message, action: string): JudgedMessage {
  return { id, text, label, action, score: expectedActions[label] === action ? 1 : 0 };
}
