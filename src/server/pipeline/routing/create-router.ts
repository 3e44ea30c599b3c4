import { splitSentences } from '../../retrieval/split-sentences.ts';
import { combineSignals, type NamespaceEvidence, shareEvidence } from './combine-signals.ts';
import { explainRoute } from './explain-route.ts';
import { selectNamespaces } from './select-namespaces.ts';
import { type AssociatedText, learnAssociations } from './learn-associations.ts';
import { runSteps, runStepsPolitely } from './run-steps.ts';

import { type LabelledText, trainTextClassifierInSteps } from './train-text-classifier.ts';

export type RouterSpecialist = {
  id: string;
  title: string;
  namespaces: readonly string[];
  description: string;
  utterances: readonly string[];
  /** Words that point to the specialist, related ones on one line; each line counts like several examples. */
  keywords?: readonly string[] | undefined;
};

/** What the router learns of one document: its title, its headings (questions, in pairs) and its text. */
export type RouterKnowledge = {
  namespace: string;
  title: string;
  headings: readonly string[];
  text: string;
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
};

const unsureBelow = 0.3;
const epochs = 6;
/** What an example counts in the classifier of wordings. */
const wordingWeights = { example: 1, heading: 0.5, word: 0.35 };
/** What each word of a text counts in the word associations. */
const wordWeights = { example: 3, keywords: 8, profile: 5, heading: 1, sentence: 0.6 };

/**
 * Trains a router from the specialists and the knowledge they own, in some 0.2 seconds for eight specialists and fifty
 * documents. Deterministic.
 * @throws RangeError when there is no specialist.
 */
export function createRouter(options: RouterOptions): Router {
  return runSteps(trainRouter(options));
}

/**
 * `createRouter` without holding up the process: other work passes every few milliseconds.
 * @throws RangeError when there is no specialist.
 */
export function createRouterPolitely(options: RouterOptions): Promise<Router> {
  return runStepsPolitely(trainRouter(options));
}

function* trainRouter(options: RouterOptions): Generator<undefined, Router> {
  const { specialists } = options;
  const fallback = options.fallbackSpecialistId ?? 'general';
  const ids = specialists.map(({ id }) => id);
  const ownNamespaces = [...new Set(specialists.flatMap((specialist) => specialist.namespaces))];
  const classifier = yield* trainTextClassifierInSteps({
    examples: listExamples(options),
    focus: 'topic',
    epochs,
    temperature: 1,
  });
  const associations = yield* learnAssociations(ids, listTexts(options));
  return {
    route(text, evidence = []) {
      const { probabilities } = classifier.classify(text);
      const weights = associations.weigh(text);
      const shares = shareEvidence(evidence, new Set(ownNamespaces));
      const scores = combineSignals({
        specialists,
        words: new Map(ids.map((id, index) => [id, weights[index] ?? 0])),
        wording: new Map(probabilities.map((item) => [item.label, item.probability])),
        shares,
      });
      const best = scores[0] ?? { specialistId: '', probability: 0 };
      const isOutOfScope = !associations.knows(text) && specialists.length > 1;
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
          supportOf: (part) => associations.supportOf(part, chosen.specialistId),
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
  for (const { id, title, namespaces, description, utterances, keywords = [] } of specialists) {
    const add = (text: string, weight: number) => examples.push({ text, label: id, weight });
    for (const text of [...utterances, title, description])
      if (text !== '') add(text, wordingWeights.example);
    const own = knowledge.filter((item) => namespaces.includes(item.namespace));
    const headings = own.flatMap((document) => [document.title, ...document.headings]);
    for (const heading of new Set(headings)) add(heading, wordingWeights.heading);
    const words = keywords.flatMap((line) => line.split(/\s+/u));
    for (const word of new Set(words)) add(word, wordingWeights.word);
  }
  return examples;
}

function listTexts({ specialists, knowledge }: RouterOptions): AssociatedText[] {
  const texts: AssociatedText[] = [];
  for (const { id, title, namespaces, description, utterances, keywords = [] } of specialists) {
    const add = (text: string, weight: number) => texts.push({ text, label: id, weight });
    for (const text of [title, description]) add(text, wordWeights.profile);
    for (const text of keywords) add(text, wordWeights.keywords);
    for (const text of utterances) add(text, wordWeights.example);
    for (const document of knowledge.filter((item) => namespaces.includes(item.namespace))) {
      for (const heading of [document.title, ...document.headings]) add(heading, wordWeights.heading);
      const { text } = document;
      for (const { start, end } of splitSentences(text)) add(text.slice(start, end), wordWeights.sentence);
    }
  }
  return texts;
}
