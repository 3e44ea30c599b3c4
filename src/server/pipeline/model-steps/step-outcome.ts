import type { TokenUsage } from '../../models/language-model.ts';

/** What an optional model step came to: its proposal used, no change needed, proposal not sound, or no answer. */
export type StepOutcome = {
  outcome: 'used' | 'kept' | 'rejected' | 'failed';
  /** A sentence for the receipt. */
  reason: string;
  /** What the call used; undefined when it did not come to an answer. */
  spent: { model: string; usage: TokenUsage } | undefined;
  /** For the log, when it failed. */
  error?: unknown;
};
