import { combineSignals, type NamespaceEvidence, shareEvidence } from './combine-signals.ts';
import { explainRoute } from './explain-route.ts';
import { selectNamespaces } from './select-namespaces.ts';
import { type LabelledText, trainTextClassifier } from './train-text-classifier.ts';

export type RouterSpecialist = {
  id: string;
  title: string;
  namespaces: readonly string[];
  description: string;
  utterances: readonly string[];
};

/** What the router learns of one document: its title, its headings (questions, in pairs) and its telling words. */
export type RouterKnowledge = {
  namespace: string;
  title: string;
  headings: readonly string[];
  terms: readonly string[];
};

export type RouteDecision = {
  specialistId: string;
  namespaces: string[];
  /** Probability (0-1) of the chosen specialist. */
  confidence: number;
  reason: string;
  /** Every specialist, most probable first; the probabilities sum to 1. */
  scores: { specialistId: string; probability: number }[];
  isOutOfScope: boolean;
};

export type Router = { route(text: string, evidence?: readonly NamespaceEvidence[]): RouteDecision };

export type RouterOptions = {
  specialists: readonly RouterSpecialist[];
  knowledge: readonly RouterKnowledge[];
  /** Answers what is out of scope or unsure; `general` where a specialist has that id, else the most probable one. */
  fallbackSpecialistId?: string;
  /** From this out-of-scope score (0-1) on a text is out of scope: the fallback answers from all namespaces. */
  outOfScopeThreshold?: number;
};

const defaultThreshold = 0.9;
const unsureBelow = 0.3;
const headingWeight = 0.5;
const termWeight = 0.35;
const epochs = 15;

/**
 * Trains a router from the specialists and the knowledge they own; under a second for eight specialists and some
 * fifty documents. Deterministic.
 * @throws RangeError when there is no specialist.
 */
export function createRouter(options: RouterOptions): Router {
  const { specialists, outOfScopeThreshold = defaultThreshold } = options;
  const fallback = options.fallbackSpecialistId ?? 'general';
  const ownNamespaces = [...new Set(specialists.flatMap((specialist) => specialist.namespaces))];
  const classifier = trainTextClassifier({ examples: listExamples(options), focus: 'topic', epochs });
  return {
    route(text, evidence = []) {
      const classified = classifier.classify(text);
      const learned = new Map(classified.probabilities.map((item) => [item.label, item.probability]));
      const shares = shareEvidence(evidence, new Set(ownNamespaces));
      const scores = combineSignals({ specialists, learned, shares });
      const best = scores[0] ?? { specialistId: '', probability: 0 };
      const isOutOfScope = classified.outOfScopeScore >= outOfScopeThreshold;
      const isUnsure = best.probability < unsureBelow;
      const chosen =
        isOutOfScope || isUnsure ? (scores.find((score) => score.specialistId === fallback) ?? best) : best;
      const specialist = specialists.find((candidate) => candidate.id === chosen.specialistId);
      return {
        specialistId: chosen.specialistId,
        namespaces: isOutOfScope ? ownNamespaces : selectNamespaces({ specialists, scores, shares }),
        confidence: chosen.probability,
        reason: explainRoute({
          text,
          supportOf: (part) => classifier.supportOf(part, chosen.specialistId),
          specialists,
          chosenTitle: specialist?.title ?? chosen.specialistId,
          chosenNamespaces: specialist?.namespaces ?? [],
          bestTitle: specialists.find(({ id }) => id === best.specialistId)?.title ?? best.specialistId,
          shares,
          state: isOutOfScope ? 'out-of-scope' : isUnsure ? 'unsure' : 'sure',
        }),
        scores,
        isOutOfScope,
      };
    },
  };
}

function listExamples({ specialists, knowledge }: RouterOptions): LabelledText[] {
  const examples: LabelledText[] = [];
  for (const { id, title, namespaces, description, utterances } of specialists) {
    const add = (text: string, weight: number) => examples.push({ text, label: id, weight });
    for (const utterance of utterances) add(utterance, 1);
    add(title, 1);
    if (description !== '') add(description, 1);
    const own = knowledge.filter((item) => namespaces.includes(item.namespace));
    for (const document of own) {
      add(document.title, headingWeight);
      for (const heading of document.headings) add(heading, headingWeight);
    }
    for (const term of new Set(own.flatMap((document) => document.terms))) add(term, termWeight);
  }
  return examples;
}
