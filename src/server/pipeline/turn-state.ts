import type { GuardSummary } from '../../shared/messages.ts';
import { countTokens } from '../models/count-tokens.ts';
import { alignNumbered } from './align-citations.ts';
import type { Answer } from './answer-from-evidence.ts';
import { topicsOf } from './compose-reply.ts';
import type { StepOutcome } from './model-steps/step-outcome.ts';
import type { Retrieval } from './retrieve.ts';
import type { RouteDecision } from './routing/create-router.ts';
import type { TurnDependencies } from './run-turn.ts';
import type { StepUsage, TurnInput, TurnOutcome, TurnReceipt, TurnStream } from './turn.ts';

/** The model of answers that no language model wrote. */
export const EXTRACTIVE = 'extractive';

/** What a turn has gathered so far, and the ways to end it. */
export type TurnState = ReturnType<typeof createTurnState>;

type Decision = {
  action: GuardSummary['action'];
  policyId: string | null;
  category?: string | null;
  reason?: string | null;
  score?: number;
};

/** The state of a turn at its begin; `dependencies.elapsedMs` times its steps. */
export function createTurnState(
  input: TurnInput,
  dependencies: Pick<TurnDependencies, 'elapsedMs' | 'costOf' | 'onError'>,
) {
  const { persona, question } = input;
  const begin = dependencies.elapsedMs();
  const receipt = emptyReceipt(input);
  const stepUsage: StepUsage[] = [];
  const state = {
    receipt,
    guard: { action: 'allow', policy: null, reason: null } as GuardSummary,
    specialistId: persona.fallback_specialist,
    routingReason: null as string | null,
    namespaces: [] as string[],
    topics: topicsOf(persona),
    /** One sentence for the reader beside the answer. */
    note: null as string | null,
    mark(step: string) {
      receipt.timings_ms[step] = Math.round((dependencies.elapsedMs() - begin) * 100) / 100;
    },
    guarded(stage: 'question' | 'answer', decision: Decision) {
      const { action, policyId, category = null, reason = null, score = null } = decision;
      receipt.guard.push({ stage, action, policy: policyId, category, reason, score });
      state.guard = { action, policy: policyId, reason };
    },
    /** Keeps what an optional model step came to; a failed one is logged and changes nothing. */
    stepped(step: StepUsage['step'], { outcome, reason, spent, error }: StepOutcome) {
      const costMicros = spent ? dependencies.costOf(spent.model, spent.usage) : 0;
      if (spent) stepUsage.push({ step, ...spent, costMicros });
      receipt.steps.push({ step, outcome, reason, model: spent?.model ?? null, cost_micros: costMicros });
      if (error !== undefined && !input.signal.aborted)
        dependencies.onError(error, { turnId: input.turnId, step: `model ${step}` });
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
    async *say(text: string, kind: 'guard' | 'reply'): TurnStream {
      yield { type: 'answer-delta', text };
      return state.end({
        kind,
        text,
        passages: [],
        model: EXTRACTIVE,
        note: null,
        usage: undefined,
        promptText: question,
      });
    },
    async end(answer: Answer): Promise<TurnOutcome> {
      const aligned = alignNumbered(answer.text, answer.passages);
      state.mark('cite');
      const usage = answer.usage ?? {
        promptTokens: await countTokens(answer.promptText),
        completionTokens: await countTokens(answer.generatedText ?? answer.text),
        cachedTokens: 0,
        isReported: false,
      };
      const costMicros = stepUsage.reduce(
        (sum, step) => sum + step.costMicros,
        dependencies.costOf(answer.model, usage),
      );
      const note = [state.note, answer.note].filter((part) => part !== null).join(' ') || null;
      receipt.answer = { kind: answer.kind, model: answer.model, note };
      receipt.usage = usage;
      receipt.cost_micros = costMicros;
      state.mark('total');
      return {
        status: endStatus(input.signal, answer),
        content: aligned.content,
        citations: aligned.citations,
        sources: aligned.sources,
        note,
        guard: state.guard,
        specialistId: state.specialistId,
        routingReason: state.routingReason,
        namespaces: state.namespaces,
        usage,
        model: answer.model,
        costMicros,
        stepUsage,
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

function emptyReceipt({ persona, question }: TurnInput): TurnReceipt {
  return {
    persona_version: persona.version,
    question,
    standalone_question: question,
    follow_up_reason: null,
    guard: [],
    route: null,
    candidates: [],
    evidence: null,
    steps: [],
    answer: { kind: 'reply', model: EXTRACTIVE, note: null },
    fallbacks: [],
    removals: null,
    prompt: null,
    prompt_hash: null,
    usage: { promptTokens: 0, completionTokens: 0, cachedTokens: 0, isReported: false },
    cost_micros: 0,
    timings_ms: {},
  };
}

function endStatus(signal: AbortSignal, answer: Answer): TurnOutcome['status'] {
  if (signal.aborted) return signal.reason === 'stopped' ? 'stopped' : 'interrupted';
  return answer.error ? 'failed' : 'complete';
}
