import type { Citation, GuardSummary, Source } from '../../shared/messages.ts';
import type { TurnEventBody } from '../../shared/turn-events.ts';
import type { AppError } from '../errors.ts';
import type { TokenUsage } from '../models/language-model.ts';
import type { Persona } from './persona.ts';

/** An earlier question and its answer, oldest first in a history. */
export type HistoryTurn = { question: string; answer: string };

/** What the asker and the persona keep between chats, and why they keep nothing when it is not `on`. */
export type TurnMemory = {
  status: 'on' | 'off' | 'guest' | 'children';
  /** What the asker asked to be remembered, oldest first; empty unless `on`. */
  facts: readonly string[];
  /** Keeps a fact; `full` when there is no room for more. */
  remember: (fact: string) => Promise<'remembered' | 'known' | 'full'>;
  /** Erases the facts that hold all words of a description, or all facts without one; gives what was erased. */
  forget: (description: string | null) => Promise<string[]>;
};

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
  /** Absent where nothing is kept between chats. */
  memory?: TurnMemory;
  signal: AbortSignal;
};

/** What an optional call of the language model around an answer used. */
export type StepUsage = {
  step: 'guard' | 'standalone' | 'routing' | 'title';
  model: string;
  usage: TokenUsage;
  costMicros: number;
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
  /** Optional calls of the language model: what they changed, or why not. */
  steps: {
    step: StepUsage['step'];
    outcome: 'used' | 'kept' | 'rejected' | 'failed';
    reason: string;
    model: string | null;
    cost_micros: number;
  }[];
  answer: {
    kind: 'reply' | 'extractive' | 'model' | 'abstention' | 'guard';
    model: string;
    note: string | null;
  };
  /** Models that failed before the answer, and which was asked instead; null is no model. */
  fallbacks: { model: string; next: string | null; reason: string }[];
  /** What was taken out of a written answer and, as `neutralised`, of the passages it was written from. */
  removals: { markers: number; urls: number; sentences: number; neutralised: number } | null;
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
  /** One sentence for the reader about how the answer came about; null when there is nothing to say. */
  note: string | null;
  guard: GuardSummary;
  specialistId: string | null;
  routingReason: string | null;
  namespaces: string[];
  usage: TokenUsage;
  model: string;
  /** All calls together, those of `stepUsage` included. */
  costMicros: number;
  stepUsage: StepUsage[];
  receipt: TurnReceipt;
  unanswered: { question: string; score: number } | null;
  /** Set when the status is `failed` or `interrupted`. */
  error?: AppError;
};

/** Yields what happens, returns how it ended. Terminal events are made by the one who stores the end. */
export type TurnStream = AsyncGenerator<TurnEventBody, TurnOutcome, void>;
