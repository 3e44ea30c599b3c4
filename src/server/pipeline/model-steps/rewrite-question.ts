import { z } from 'zod';

import { isInstruction } from '../../guard/neutralise-instructions.ts';
import type { LanguageModel } from '../../models/language-model.ts';
import { readTokens } from '../evidence/read-sentences.ts';
import type { HistoryTurn } from '../turn.ts';
import { askForJson } from './ask-for-json.ts';
import type { StepOutcome } from './step-outcome.ts';

const TIMEOUT_MS = 4_000;
const TURNS = 3;
const ANSWER_CHARACTERS = 600;
const LONGEST_QUESTION = 300;
/** A correction ("no, I meant my wife") loses its "meant"; more than this share of words must not get lost. */
const KEPT_SHARE = 0.75;

const INSTRUCTION = `A person continues a conversation. Write their last message as one question that can be understood without the conversation. Keep the words of the message, add only what it refers to, answer nothing.
Reply as {"question": "..."}.`;
const replySchema = z.object({ question: z.string().trim().min(3) });

/**
 * Asks the language model to make a follow-up a question that stands on its own. What it writes is used only when it is
 * one short line that keeps the words of the message and gives no instruction; otherwise `fallback` stays.
 * @param options.fallback the standalone question that was made without a model
 */
export async function rewriteQuestion(options: {
  model: LanguageModel;
  message: string;
  history: readonly HistoryTurn[];
  fallback: string;
  signal: AbortSignal;
  timeoutMs?: number;
}): Promise<{ question: string; step: StepOutcome }> {
  const { model, message, history, fallback, signal, timeoutMs = TIMEOUT_MS } = options;
  const reply = await askForJson({
    model,
    instruction: INSTRUCTION,
    data: {
      conversation: history.slice(-TURNS).map(({ question, answer }) => ({
        person: question,
        library: answer.slice(0, ANSWER_CHARACTERS),
      })),
      message,
    },
    schema: replySchema,
    maxTokens: 120,
    timeoutMs,
    signal,
  });
  if (reply.value === undefined) return { question: fallback, step: reply.outcome };
  const { question } = reply.value;
  const { spent } = reply;
  const fault = faultOf(question, message);
  if (fault !== undefined) return { question: fallback, step: { outcome: 'rejected', reason: fault, spent } };
  return { question, step: { outcome: 'used', reason: `The follow-up means: ${question}`, spent } };
}

function faultOf(question: string, message: string): string | undefined {
  if (question.length > LONGEST_QUESTION + message.length || question.includes('\n'))
    return 'The question of the model was too long.';
  if (isInstruction(question)) return 'The question of the model was an instruction.';
  const known = new Set(readTokens(question).map((token) => token.term));
  const words = readTokens(message).filter((token) => !token.isStopWord);
  const kept = words.filter((token) => known.has(token.term)).length;
  return kept < words.length * KEPT_SHARE
    ? 'The question of the model left out words of the message.'
    : undefined;
}
