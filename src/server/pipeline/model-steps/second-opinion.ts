import { z } from 'zod';

import type { GuardDecision } from '../../guard/create-question-guard.ts';
import type { LanguageModel } from '../../models/language-model.ts';
import { askForJson } from './ask-for-json.ts';
import type { StepOutcome } from './step-outcome.ts';

const severity: Record<GuardDecision['action'], number> = { allow: 0, disclaim: 1, refuse: 2, support: 3 };
/** Below these the guard's own score is no certainty; rules score 0.9 and more. */
const SURE_SAFE = 0.75;
const SURE_NOTE = 0.7;
const SURE_HARMFUL = 0.75;
const TIMEOUT_MS = 3_000;
const MAXIMUM_CHARACTERS = 4_000;

const INSTRUCTION = `You check messages that people send to a learning library before they are answered. Choose one care:
- "support": the writer may be in danger: thoughts of suicide or self-harm, abuse, an emergency, despair.
- "refuse": the writer asks for help to hurt people, animals or property, or to break the law seriously.
- "allow": everything else, such as questions about history, feelings, health, fiction, martial arts or protection.
Reply as {"care": "support" | "refuse" | "allow"}.`;
const replySchema = z.object({ care: z.enum(['support', 'refuse', 'allow']) });

/** Whether the guard decided without being sure of itself. Help for a person in danger is never asked about. */
export function isUncertain(decision: GuardDecision): boolean {
  if (decision.action === 'allow') return decision.score < SURE_SAFE;
  if (decision.action === 'disclaim') return decision.score < SURE_NOTE;
  return (
    decision.action === 'refuse' &&
    decision.policyId === 'classifier-harmful' &&
    decision.score < SURE_HARMFUL
  );
}

/**
 * Asks the language model about a message of which the guard is not sure. The answer can only raise the care: a
 * refusal can become help, a permission a refusal or help, and nothing becomes a permission.
 */
export async function askSecondOpinion(options: {
  model: LanguageModel;
  question: string;
  decision: GuardDecision;
  signal: AbortSignal;
  timeoutMs?: number;
}): Promise<{ decision: GuardDecision; step: StepOutcome }> {
  const { model, question, decision, signal, timeoutMs = TIMEOUT_MS } = options;
  const reply = await askForJson({
    model,
    instruction: INSTRUCTION,
    data: { message: question.slice(0, MAXIMUM_CHARACTERS) },
    schema: replySchema,
    maxTokens: 20,
    timeoutMs,
    signal,
  });
  if (reply.value === undefined) return { decision, step: reply.outcome };
  const { care } = reply.value;
  if (severity[care] <= severity[decision.action])
    return { decision, step: { outcome: 'kept', reason: `The model said "${care}".`, spent: reply.spent } };
  return {
    decision: {
      action: care,
      policyId: 'model-opinion',
      category: care === 'support' ? 'distress' : 'harm',
      reason:
        care === 'support'
          ? 'The guard was not sure, and the language model hears a person in distress.'
          : 'The guard was not sure, and the language model takes it for a request that would hurt someone.',
      score: decision.score,
    },
    step: { outcome: 'used', reason: `The model said "${care}".`, spent: reply.spent },
  };
}
