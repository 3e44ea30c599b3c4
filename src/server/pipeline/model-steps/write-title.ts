import { z } from 'zod';

import { isInstruction } from '../../guard/neutralise-instructions.ts';
import type { LanguageModel } from '../../models/language-model.ts';
import { askForJson } from './ask-for-json.ts';
import type { StepOutcome } from './step-outcome.ts';

const TIMEOUT_MS = 10_000;
const LONGEST_TITLE = 60;
const ANSWER_CHARACTERS = 600;

const INSTRUCTION = `Name a conversation in two to six words, in the language of its question, so that its writer finds it again. No quotation marks, no full stop.
Reply as {"title": "..."}.`;
const replySchema = z.object({ title: z.string() });

/**
 * Asks the language model for the title of a chat after its first answer. `title` is undefined when it gave none that
 * is one short line of words without an address or instruction.
 */
export async function writeTitle(options: {
  model: LanguageModel;
  question: string;
  answer: string;
  signal: AbortSignal;
  timeoutMs?: number;
}): Promise<{ title: string | undefined; step: StepOutcome }> {
  const { model, question, answer, signal, timeoutMs = TIMEOUT_MS } = options;
  const reply = await askForJson({
    model,
    instruction: INSTRUCTION,
    data: { question: question.slice(0, 1_000), answer: answer.slice(0, ANSWER_CHARACTERS) },
    schema: replySchema,
    maxTokens: 40,
    timeoutMs,
    signal,
  });
  if (reply.value === undefined) return { title: undefined, step: reply.outcome };
  const { spent } = reply;
  const title = reply.value.title
    .replaceAll(/\s*\[\d+\]/g, '')
    .replaceAll(/\s+/g, ' ')
    .replace(/^["“”'‘’\s]+/u, '')
    .replace(/["“”'‘’.\s]+$/u, '');
  const isFit =
    /\p{L}/u.test(title) &&
    title.length <= LONGEST_TITLE &&
    !/https?:|www\./iu.test(title) &&
    !isInstruction(title);
  if (!isFit)
    return { title: undefined, step: { outcome: 'rejected', reason: 'The title was not fit.', spent } };
  return { title, step: { outcome: 'used', reason: title, spent } };
}
