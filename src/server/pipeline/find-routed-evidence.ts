import type { LanguageModel } from '../models/language-model.ts';
import { type FindEvidenceOptions, findEvidence } from './find-evidence.ts';
import { chooseSpecialist, isUnsureRoute } from './model-steps/choose-specialist.ts';
import { retrieve, type Retrieval } from './retrieve.ts';
import type { RouteDecision } from './routing/create-router.ts';
import type { TurnState } from './turn-state.ts';

/**
 * Finds the evidence of a question and, where a model may be asked and the router is not sure, lets the model choose
 * the specialist; then what belongs to that specialist is looked for first.
 * @param options.model undefined when the step is off
 */
export async function findRoutedEvidence(
  options: FindEvidenceOptions & { model: LanguageModel | undefined; state: TurnState },
): Promise<{ route: RouteDecision; retrieval: Retrieval }> {
  const { model, state, persona, question, signal } = options;
  const found = await findEvidence(options);
  const isChoice = persona.specialists.length > 1 && options.requestedNamespace === undefined;
  if (!model || !isChoice || !isUnsureRoute(found.route)) return found;
  const { route, step } = await chooseSpecialist({
    model,
    question,
    specialists: persona.specialists,
    route: found.route,
    signal,
  });
  state.stepped('routing', step);
  if (step.outcome !== 'used') return found;
  const retrieval = await retrieve({ ...options, boostedNamespaces: route.namespaces });
  return { route, retrieval };
}
