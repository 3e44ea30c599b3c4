import type { AppError } from '../../errors.ts';
import type { TurnOutcome } from '../../pipeline/turn.ts';

const noUsage = { promptTokens: 0, completionTokens: 0, cachedTokens: 0, isReported: false };

/** The outcome of a turn that did not come to its end by itself: the text so far, and why. */
export function interruptedOutcome(options: {
  status: 'interrupted' | 'failed';
  content: string;
  error: AppError;
  question: string;
  personaVersion: string;
}): TurnOutcome {
  const { status, content, error, question, personaVersion } = options;
  return {
    status,
    content,
    error,
    citations: [],
    sources: [],
    note: null,
    guard: { action: 'allow', policy: null, reason: null },
    specialistId: null,
    routingReason: null,
    namespaces: [],
    usage: noUsage,
    model: 'none',
    costMicros: 0,
    stepUsage: [],
    unanswered: null,
    receipt: {
      persona_version: personaVersion,
      question,
      standalone_question: question,
      follow_up_reason: null,
      guard: [],
      route: null,
      candidates: [],
      evidence: null,
      steps: [],
      fallbacks: [],
      removals: null,
      answer: { kind: 'reply', model: 'none', note: error.message },
      prompt: null,
      prompt_hash: null,
      usage: noUsage,
      cost_micros: 0,
      timings_ms: {},
    },
  };
}
