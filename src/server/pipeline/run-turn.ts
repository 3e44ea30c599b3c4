import type { GuardSummary } from '../../shared/messages.ts';
import { composeRefusal, composeSupport, disclaimerFor } from '../guard/compose-guard-text.ts';
import type { QuestionGuard } from '../guard/create-question-guard.ts';
import { countTokens } from '../models/count-tokens.ts';
import type { EmbeddingModel } from '../models/embedding-model.ts';
import type { LanguageModel } from '../models/language-model.ts';
import type { PassageIndex } from '../retrieval/passage-index.ts';
import { type Answer, answerFromEvidence } from './answer-from-evidence.ts';
import { alignCitations } from './align-citations.ts';
import { composeReply, topicsOf } from './compose-reply.ts';
import { contextualise } from './contextualise.ts';
import { detectSmallTalk } from './detect-small-talk.ts';
import type { Persona, Specialist } from './persona.ts';
import { type ReadPassages, retrieve, type Retrieval } from './retrieve.ts';
import type { RouteDecision, Router } from './routing/create-router.ts';
import type { TurnInput, TurnOutcome, TurnReceipt, TurnStream } from './turn.ts';

/** What a persona answers with: made once at start, made anew when its knowledge changes. */
export type PersonaEngine = { guard: QuestionGuard; router: Router };

export type TurnDependencies = {
  engineOf: (persona: Persona) => Promise<PersonaEngine>;
  index: () => PassageIndex;
  readPassages: ReadPassages;
  listTitles: (namespaces: readonly string[]) => Promise<string[]>;
  /** The model that the index of the moment was built with; undefined when words must do. */
  embeddingModel: () => EmbeddingModel | undefined;
  languageModel: LanguageModel | undefined;
  /** Micro-dollars for a usage of a model. */
  costOf: (model: string, usage: TurnOutcome['usage']) => number;
  /** Milliseconds of a clock that never goes back. */
  elapsedMs: () => number;
  onError: (error: unknown, context: { turnId: number; step: string }) => void;
};

const EXTRACTIVE = 'extractive';

/**
 * One question from its guard to its cited answer. Yields what happens, in order, and returns how it ended; knows
 * nothing of HTTP or storage. An aborted signal ends it early with the text so far.
 */
export function createRunTurn(dependencies: TurnDependencies): (input: TurnInput) => TurnStream {
  return async function* runTurn(input) {
    const state = startState(input, dependencies);
    const { persona, question, turnId } = input;
    const { guard } = await dependencies.engineOf(persona);
    const decision = guard.check(question);
    state.guarded('question', decision);
    state.guard = { action: decision.action, policy: decision.policyId, reason: decision.reason };
    yield { type: 'guard-decided', stage: 'question', action: decision.action, policyId: decision.policyId };
    state.mark('guard');

    if (decision.action === 'support' || decision.action === 'refuse') {
      const compose = decision.action === 'support' ? composeSupport : composeRefusal;
      const text = compose({ policy: persona.guard, decision, seed: turnId });
      return yield* state.say(text, { kind: 'guard', model: EXTRACTIVE });
    }
    const smallTalk = detectSmallTalk(question, [persona.name]);
    if (smallTalk) {
      const titles = smallTalk === 'documents' ? await dependencies.listTitles(input.namespaces) : [];
      return yield* state.say(composeReply({ persona, kind: smallTalk, seed: turnId, titles }), {
        kind: 'reply',
        model: EXTRACTIVE,
      });
    }

    const { standalone, isFollowUp, reason } = contextualise({ text: question, history: input.history });
    state.receipt.standalone_question = standalone;
    state.receipt.follow_up_reason = isFollowUp ? reason : null;
    state.mark('contextualise');

    const { route, retrieval } = await findEvidence({ input, dependencies, standalone });
    const specialist = specialistOf(persona, route.specialistId);
    state.routed(route);
    yield {
      type: 'route-chosen',
      specialistId: route.specialistId,
      namespaces: route.namespaces,
      confidence: route.confidence,
      reason: route.reason,
    };
    state.retrieved(retrieval);
    state.mark('retrieve');

    const answer = yield* answerFromEvidence({
      input,
      dependencies,
      state,
      standalone,
      retrieval,
      specialist,
      disclaimer:
        decision.action === 'disclaim'
          ? disclaimerFor({ policy: persona.guard, decision, seed: turnId })
          : undefined,
    });
    return state.end(answer);
  };
}

async function findEvidence(options: {
  input: TurnInput;
  dependencies: TurnDependencies;
  standalone: string;
}): Promise<{ route: RouteDecision; retrieval: Retrieval }> {
  const { input, dependencies, standalone } = options;
  const { router } = await dependencies.engineOf(input.persona);
  const first = router.route(standalone);
  const requested = input.requestedNamespace;
  const retrieval = await retrieve({
    index: dependencies.index(),
    readPassages: dependencies.readPassages,
    embeddingModel: dependencies.embeddingModel(),
    question: standalone,
    namespaces:
      requested === undefined ? input.namespaces : input.namespaces.filter((name) => name === requested),
    boostedNamespaces: first.namespaces,
    signal: input.signal,
    onError: (error) => dependencies.onError(error, { turnId: input.turnId, step: 'embed' }),
  });
  const evidence = retrieval.passages.map(({ namespace, score }) => ({ namespace, score }));
  const route = router.route(standalone, evidence);
  if (requested === undefined) return { route, retrieval };
  const owner = input.persona.specialists.find((specialist) => specialist.namespaces.includes(requested));
  return {
    retrieval,
    route: {
      ...route,
      specialistId: owner?.id ?? route.specialistId,
      namespaces: [requested],
      confidence: 1,
      reason: `The question was limited to ${owner?.title ?? requested}.`,
    },
  };
}

function specialistOf(persona: Persona, id: string): Specialist {
  const found = persona.specialists.find((specialist) => specialist.id === id) ?? persona.specialists[0];
  if (!found) throw new Error(`Persona ${persona.id} has no specialist.`);
  return found;
}

/** What a turn has gathered so far, and the ways to end it. */
export type TurnState = ReturnType<typeof startState>;

function startState(input: TurnInput, dependencies: TurnDependencies) {
  const { persona, question } = input;
  const begin = dependencies.elapsedMs();
  const receipt: TurnReceipt = {
    persona_version: persona.version,
    question,
    standalone_question: question,
    follow_up_reason: null,
    guard: [],
    route: null,
    candidates: [],
    evidence: null,
    answer: { kind: 'reply', model: EXTRACTIVE, note: null },
    prompt: null,
    prompt_hash: null,
    usage: { promptTokens: 0, completionTokens: 0, cachedTokens: 0, isReported: false },
    cost_micros: 0,
    timings_ms: {},
  };
  const state = {
    receipt,
    guard: { action: 'allow', policy: null, reason: null } as GuardSummary,
    specialistId: persona.fallback_specialist,
    routingReason: null as string | null,
    namespaces: [] as string[],
    topics: topicsOf(persona),
    mark(step: string) {
      receipt.timings_ms[step] = Math.round((dependencies.elapsedMs() - begin) * 100) / 100;
    },
    guarded(
      stage: 'question' | 'answer',
      decision: {
        action: string;
        policyId: string | null;
        category?: string | null;
        reason?: string | null;
        score?: number;
      },
    ) {
      const { action, policyId, category = null, reason = null, score = null } = decision;
      receipt.guard.push({ stage, action, policy: policyId, category, reason, score });
    },
    routed(route: RouteDecision) {
      state.specialistId = route.specialistId;
      state.routingReason = route.reason;
      state.namespaces = route.namespaces;
      receipt.route = {
        specialist: route.specialistId,
        namespaces: route.namespaces,
        confidence: route.confidence,
        reason: route.reason,
        scores: route.scores.map(({ specialistId, probability }) => ({
          specialist: specialistId,
          probability,
        })),
      };
    },
    retrieved(retrieval: Retrieval) {
      receipt.candidates = retrieval.candidates.map((passage) => ({
        passage_id: passage.passageId,
        document_id: passage.documentId,
        namespace: passage.namespace,
        title: passage.title,
        score: passage.score,
        lexical_score: passage.lexicalScore ?? null,
        vector_score: passage.vectorScore ?? null,
        coverage: passage.coverage,
        dropped: passage.dropped,
      }));
    },
    /** Says a fixed text without sources. */
    async *say(text: string, answer: { kind: 'guard' | 'reply'; model: string }): TurnStream {
      yield { type: 'answer-delta', text };
      return state.end({ text, passages: [], ...answer, note: null, usage: undefined, promptText: question });
    },
    async end(answer: Answer): Promise<TurnOutcome> {
      const aligned = alignCitations(answer.text, answer.passages);
      state.mark('cite');
      const usage = answer.usage ?? {
        promptTokens: await countTokens(answer.promptText),
        completionTokens: await countTokens(answer.text),
        cachedTokens: 0,
        isReported: false,
      };
      const costMicros = dependencies.costOf(answer.model, usage);
      receipt.answer = { kind: answer.kind, model: answer.model, note: answer.note };
      receipt.usage = usage;
      receipt.cost_micros = costMicros;
      state.mark('total');
      return {
        status: endStatus(input.signal, answer),
        content: aligned.content,
        citations: aligned.citations,
        sources: aligned.sources,
        guard: state.guard,
        specialistId: state.specialistId,
        routingReason: state.routingReason,
        namespaces: state.namespaces,
        usage,
        model: answer.model,
        costMicros,
        receipt,
        unanswered:
          answer.kind === 'abstention'
            ? { question: receipt.standalone_question, score: receipt.evidence?.score ?? 0 }
            : null,
        ...(answer.error ? { error: answer.error } : {}),
      };
    },
  };
  return state;
}

function endStatus(signal: AbortSignal, answer: Answer): TurnOutcome['status'] {
  if (signal.aborted) return signal.reason === 'stopped' ? 'stopped' : 'interrupted';
  return answer.error ? 'failed' : 'complete';
}
