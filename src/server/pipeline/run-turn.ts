import { composeRefusal, composeSupport, disclaimerFor } from '../guard/compose-guard-text.ts';
import type { GuardDecision, QuestionGuard } from '../guard/create-question-guard.ts';
import { rememberNeutralised } from '../guard/remember-neutralised.ts';
import type { EmbeddingModel } from '../models/embedding-model.ts';
import type { LanguageModel } from '../models/language-model.ts';
import type { PassageIndex } from '../retrieval/passage-index.ts';
import { answerFromEvidence } from './answer-from-evidence.ts';
import { composeReply } from './compose-reply.ts';
import { contextualise } from './contextualise.ts';
import { detectSmallTalk, type SmallTalkKind } from './detect-small-talk.ts';
import { findRoutedEvidence } from './find-routed-evidence.ts';
import { answerMemoryRequest } from './memory/answer-memory-request.ts';
import { detectMemoryRequest } from './memory/detect-memory-request.ts';
import { rewriteQuestion } from './model-steps/rewrite-question.ts';
import { askSecondOpinion, isUncertain } from './model-steps/second-opinion.ts';
import type { Persona, Specialist } from './persona.ts';
import type { ReadPassages } from './retrieve.ts';
import type { Router } from './routing/create-router.ts';
import { createTurnState, type TurnState } from './turn-state.ts';
import type { TurnInput, TurnOutcome, TurnStream } from './turn.ts';

/** What a persona answers with: made once at start, made anew when its knowledge changes. */
export type PersonaEngine = { guard: QuestionGuard; router: Router };

/** Optional calls of the language model; each has a way without one. */
export type ModelSteps = { guard: boolean; standalone: boolean; routing: boolean };

export type TurnDependencies = {
  engineOf: (persona: Persona) => Promise<PersonaEngine>;
  index: () => PassageIndex;
  readPassages: ReadPassages;
  listTitles: (namespaces: readonly string[]) => Promise<string[]>;
  /** The model that the index of the moment was built with; undefined when words must do. */
  embeddingModel: () => EmbeddingModel | undefined;
  languageModel: LanguageModel | undefined;
  /** Which optional calls of the language model are made. */
  modelSteps: ModelSteps;
  /** Micro-dollars for a usage of a model. */
  costOf: (model: string, usage: TurnOutcome['usage']) => number;
  /** Milliseconds of a clock that never goes back. */
  elapsedMs: () => number;
  onError: (error: unknown, context: { turnId: number; step: string }) => void;
};

/** At 2,000 characters each some 8 MB at most. */
const PASSAGES_REMEMBERED = 2_000;

/**
 * One question from its guard to its cited answer. Yields what happens, in order, and returns how it ended; knows
 * nothing of HTTP or storage. An aborted signal ends it early with the text so far.
 */
export function createRunTurn(dependencies: TurnDependencies): (input: TurnInput) => TurnStream {
  const modelFor = (step: keyof ModelSteps): LanguageModel | undefined =>
    dependencies.modelSteps[step] ? dependencies.languageModel : undefined;

  const neutralise = rememberNeutralised({ maximumTexts: PASSAGES_REMEMBERED });

  return async function* runTurn(input) {
    const state = createTurnState(input, dependencies);
    const { persona, question, turnId } = input;
    const { guard, router } = await dependencies.engineOf(persona);
    const smallTalk = detectSmallTalk(question, [persona.name]);
    const model = smallTalk ? undefined : modelFor('guard');
    const decision = await guardQuestion({ input, guard, model, state });
    yield { type: 'guard-decided', stage: 'question', action: decision.action, policyId: decision.policyId };
    state.mark('guard');

    if (decision.action === 'support' || decision.action === 'refuse') {
      const compose = decision.action === 'support' ? composeSupport : composeRefusal;
      return yield* state.say(compose({ policy: persona.guard, decision, seed: turnId }), 'guard');
    }
    if (smallTalk) return yield* state.say(await replyTo({ input, smallTalk, dependencies }), 'reply');
    const asked = await minded(input);
    if ('reply' in asked) return yield* state.say(asked.reply, 'reply');
    state.note = asked.note;

    const standalone = await standaloneOf({ input: asked.input, model: modelFor('standalone'), state });
    state.mark('contextualise');
    const { route, retrieval } = await findRoutedEvidence({
      persona,
      router,
      question: standalone,
      namespaces: input.namespaces,
      requestedNamespace: input.requestedNamespace,
      index: dependencies.index(),
      readPassages: dependencies.readPassages,
      embeddingModel: dependencies.embeddingModel(),
      signal: input.signal,
      onError: (error) => dependencies.onError(error, { turnId, step: 'embed' }),
      model: modelFor('routing'),
      state,
    });
    state.routed(route);
    const { specialistId, namespaces, confidence, reason } = route;
    yield { type: 'route-chosen', specialistId, namespaces, confidence, reason };
    state.retrieved(retrieval);
    state.mark('retrieve');

    const answer = yield* answerFromEvidence({
      input: asked.input,
      dependencies,
      state,
      standalone,
      retrieval,
      neutralise,
      specialist: specialistOf(persona, specialistId),
      disclaimer:
        decision.action === 'disclaim'
          ? disclaimerFor({ policy: persona.guard, decision, seed: turnId })
          : undefined,
    });
    return state.end(answer);
  };
}

async function guardQuestion(options: {
  input: TurnInput;
  guard: QuestionGuard;
  model: LanguageModel | undefined;
  state: TurnState;
}): Promise<GuardDecision> {
  const { input, guard, model, state } = options;
  const first = guard.check(input.question);
  if (!model || !isUncertain(first)) {
    state.guarded('question', first);
    return first;
  }
  const { question, signal } = input;
  const { decision, step } = await askSecondOpinion({ model, question, decision: first, signal });
  state.stepped('guard', step);
  state.guarded('question', first);
  if (decision !== first) state.guarded('question', decision);
  return decision;
}

async function replyTo(options: {
  input: TurnInput;
  smallTalk: SmallTalkKind;
  dependencies: Pick<TurnDependencies, 'listTitles'>;
}): Promise<string> {
  const { input, smallTalk, dependencies } = options;
  const titles = smallTalk === 'documents' ? await dependencies.listTitles(input.namespaces) : [];
  return composeReply({ persona: input.persona, kind: smallTalk, seed: input.turnId, titles });
}

/** Does what the message asks to be remembered or forgotten; what else it asks is answered. */
async function minded(
  input: TurnInput,
): Promise<{ reply: string } | { input: TurnInput; note: string | null }> {
  const request = input.memory ? detectMemoryRequest(input.question) : null;
  if (!input.memory || !request) return { input, note: null };
  const { text, memory } = await answerMemoryRequest(request, input.memory);
  if (request.kind === 'recall' || request.rest === '') return { reply: text };
  return { input: { ...input, question: request.rest, memory }, note: text };
}

async function standaloneOf(options: {
  input: TurnInput;
  model: LanguageModel | undefined;
  state: TurnState;
}): Promise<string> {
  const { input, model, state } = options;
  const { question, history, signal } = input;
  const found = contextualise({ text: question, history });
  let { standalone } = found;
  if (found.isFollowUp && model) {
    const rewritten = await rewriteQuestion({
      model,
      message: question,
      history,
      fallback: standalone,
      signal,
    });
    state.stepped('standalone', rewritten.step);
    standalone = rewritten.question;
  }
  state.receipt.standalone_question = standalone;
  state.receipt.follow_up_reason = found.isFollowUp ? found.reason : null;
  return standalone;
}

function specialistOf(persona: Persona, id: string): Specialist {
  const found = persona.specialists.find((specialist) => specialist.id === id) ?? persona.specialists[0];
  if (!found) throw new Error(`Persona ${persona.id} has no specialist.`);
  return found;
}
