import { z } from 'zod';

import type { LanguageModel } from '../../models/language-model.ts';
import type { Specialist } from '../persona.ts';
import type { RouteDecision } from '../routing/create-router.ts';
import { askForJson } from './ask-for-json.ts';
import type { StepOutcome } from './step-outcome.ts';

const TIMEOUT_MS = 4_000;
const SURE_FROM = 0.5;

const INSTRUCTION = `Choose which specialist should answer a question, by the descriptions alone.
Reply as {"specialist": "the id"}, or {"specialist": null} when none fits.`;
const replySchema = z.object({ specialist: z.string().nullable() });

/** Whether the router could not tell the specialists apart, or took the question for none of theirs. */
export function isUnsureRoute(route: RouteDecision): boolean {
  return route.isOutOfScope || (route.scores[0]?.probability ?? 0) < SURE_FROM;
}

/**
 * Asks the language model for the specialist of a question of which the router is not sure. A choice that no specialist
 * has changes nothing; one that it has puts its namespaces first.
 */
export async function chooseSpecialist(options: {
  model: LanguageModel;
  question: string;
  specialists: readonly Specialist[];
  route: RouteDecision;
  signal: AbortSignal;
  timeoutMs?: number;
}): Promise<{ route: RouteDecision; step: StepOutcome }> {
  const { model, question, specialists, route, signal, timeoutMs = TIMEOUT_MS } = options;
  const reply = await askForJson({
    model,
    instruction: INSTRUCTION,
    data: {
      specialists: specialists.map(({ id, title, description }) => ({ id, title, description })),
      question,
    },
    schema: replySchema,
    maxTokens: 40,
    timeoutMs,
    signal,
  });
  if (reply.value === undefined) return { route, step: reply.outcome };
  const { spent } = reply;
  const wanted = reply.value.specialist;
  if (wanted === null || wanted === route.specialistId)
    return { route, step: { outcome: 'kept', reason: `The model said "${wanted ?? 'none'}".`, spent } };
  const chosen = specialists.find((specialist) => specialist.id === wanted);
  if (!chosen)
    return { route, step: { outcome: 'rejected', reason: 'The model named no specialist of ours.', spent } };
  return {
    route: {
      ...route,
      specialistId: chosen.id,
      namespaces: [...chosen.namespaces],
      confidence: route.scores.find((score) => score.specialistId === chosen.id)?.probability ?? 0,
      reason: `The words alone did not tell; the language model chose ${chosen.title}.`,
    },
    step: { outcome: 'used', reason: `The model said "${chosen.id}".`, spent },
  };
}
