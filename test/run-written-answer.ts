import { fileURLToPath } from 'node:url';

import { loadPacks } from '../src/server/features/personas/load-pack.ts';
import { neutraliseInstructions } from '../src/server/guard/neutralise-instructions.ts';
import type { LanguageModel } from '../src/server/models/language-model.ts';
import { type AnswerStep, answerFromEvidence } from '../src/server/pipeline/answer-from-evidence.ts';
import type { Persona } from '../src/server/pipeline/persona.ts';
import { createTurnState } from '../src/server/pipeline/turn-state.ts';
import type { HistoryTurn, TurnMemory, TurnOutcome } from '../src/server/pipeline/turn.ts';
import { writeAnswer } from '../src/server/pipeline/write-answer.ts';
import { listTerms } from '../src/server/retrieval/analyse-text.ts';
import type { RetrievedPassage } from '../src/server/retrieval/passage.ts';

/** The persona of the shipped pack. */
export function loadHerman(): Persona {
  const [persona] = loadPacks(fileURLToPath(new URL('../personas', import.meta.url)));
  if (!persona) throw new Error('The shipped pack is missing.');
  return persona;
}

export type WrittenAnswer = {
  /** What left while it was written. */
  streamed: string;
  /** Undefined when nothing was written, so that excerpts would follow. */
  outcome: TurnOutcome | undefined;
  receipt: ReturnType<typeof createTurnState>['receipt'];
  errors: unknown[];
};

/**
 * Lets a model write an answer from passages, as a turn does; without a model the whole step runs, with its gate for
 * evidence, and gives excerpts.
 */
export async function runWrittenAnswer(options: {
  persona: Persona;
  model: LanguageModel | undefined;
  passages: readonly RetrievedPassage[];
  question?: string;
  history?: readonly HistoryTurn[];
  facts?: readonly string[];
  disclaimer?: string;
  signal?: AbortSignal;
}): Promise<WrittenAnswer> {
  const { persona, model, passages, question = 'How do I begin to meditate?' } = options;
  const errors: unknown[] = [];
  const dependencies = {
    elapsedMs: () => 0,
    costOf: () => 7,
    onError: (error: unknown) => void errors.push(error),
  } as unknown as AnswerStep['dependencies'];
  const memory: TurnMemory = {
    status: 'on',
    facts: options.facts ?? [],
    remember: () => Promise.resolve('remembered'),
    forget: () => Promise.resolve([]),
  };
  const input = {
    turnId: 1,
    persona,
    question,
    history: options.history ?? [],
    namespaces: [],
    memory,
    signal: options.signal ?? new AbortController().signal,
  };
  const state = createTurnState(input, dependencies);
  const [specialist] = persona.specialists;
  if (!specialist) throw new Error('The persona has no specialist.');
  const step: AnswerStep = {
    input,
    dependencies,
    state,
    standalone: question,
    retrieval: { passages: [...passages], terms: termsOf(question), candidates: [] },
    specialist,
    neutralise: neutraliseInstructions,
    disclaimer: options.disclaimer,
  };
  const stream = model ? writeAnswer(step, passages, model) : answerFromEvidence(step);
  let streamed = '';
  for (;;) {
    const next = await stream.next();
    if (next.done === true) {
      const outcome = next.value ? await state.end(next.value) : undefined;
      return { streamed, outcome, receipt: state.receipt, errors };
    }
    if (next.value.type === 'answer-delta') streamed += next.value.text;
  }
}

function termsOf(question: string) {
  return [...new Set(listTerms(question))].map((term) => ({ term, idf: 3, isKnown: true }));
}
