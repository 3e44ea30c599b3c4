import type { Citation, GuardSummary, Source } from '../../shared/messages.ts';
import type { TurnEventBody } from '../../shared/turn-events.ts';
import type { AppError } from '../errors.ts';
import type { TokenUsage } from '../models/language-model.ts';
import type { Persona } from './persona.ts';

/** An earlier question and its answer, oldest first in a history. */
export type HistoryTurn = { question: string; answer: string };

/** Why a running turn is aborted: a person stopped it, the server is leaving, or another server has taken it over. */
export type AbortReason = 'stopped' | 'shutdown' | 'lost';

/** What a turn begins with. */
export type TurnInput = {
  turnId: number;
  persona: Persona;
  question: string;
  history: readonly HistoryTurn[];
  /** Namespaces that may be read at all: the wall. */
  namespaces: readonly string[];
  /** Namespaces that the question was limited to by the one who asked. */
  requestedNamespace?: string;
  signal: AbortSignal;
};

/** Everything that explains an answer; stored as the receipt. */
export type TurnReceipt = {
  persona_version: string;
  question: string;
  standalone_question: string;
  follow_up_reason: string | null;
  guard: {
    stage: 'question' | 'answer';
    action: string;
    policy: string | null;
    category: string | null;
    reason: string | null;
    score: number | null;
  }[];
  route: {
    specialist: string;
    namespaces: string[];
    confidence: number;
    reason: string;
    scores: { specialist: string; probability: number }[];
  } | null;
  candidates: {
    passage_id: number;
    document_id: number;
    namespace: string;
    title: string;
    score: number;
    lexical_score: number | null;
    vector_score: number | null;
    coverage: number;
    dropped: string | null;
  }[];
  evidence: { verdict: string; score: number; answerability: number; missing_words: string[] } | null;
  answer: {
    kind: 'reply' | 'extractive' | 'model' | 'abstention' | 'guard';
    model: string;
    note: string | null;
  };
  prompt: { role: string; content: string }[] | null;
  prompt_hash: string | null;
  usage: TokenUsage;
  cost_micros: number;
  timings_ms: Record<string, number>;
};

/** How a turn ended; the feature stores it and makes the message of it. */
export type TurnOutcome = {
  status: 'complete' | 'stopped' | 'interrupted' | 'failed';
  content: string;
  citations: Citation[];
  sources: Source[];
  guard: GuardSummary;
  specialistId: string | null;
  routingReason: string | null;
  namespaces: string[];
  usage: TokenUsage;
  model: string;
  costMicros: number;
  receipt: TurnReceipt;
  unanswered: { question: string; score: number } | null;
  /** Set when the status is `failed` or `interrupted`. */
  error?: AppError;
};

/** Yields what happens, returns how it ended. Terminal events are made by the one who stores the end. */
export type TurnStream = AsyncGenerator<TurnEventBody, TurnOutcome, void>;
