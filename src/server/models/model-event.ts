import type { CircuitBreaker } from './circuit-breaker.ts';
import type { ModelState } from './language-model.ts';
import type { ModelFailureReason } from './model-error.ts';

/** What is worth a line in the log about a model; no text of questions or answers. */
export type ModelEvent =
  | { type: 'retry'; modelId: string; reason: ModelFailureReason; attempt: number; delayMs: number }
  | { type: 'breaker-opened' | 'breaker-closed'; modelId: string }
  | { type: 'fallback'; modelId: string; nextModelId: string; reason: ModelFailureReason };

export type OnModelEvent = (event: ModelEvent) => void;

/** The state of a model behind a breaker: down while it is open, degraded while calls fail or a probe is due. */
export function stateOfBreaker(breaker: CircuitBreaker): ModelState {
  if (breaker.state() === 'open') return 'down';
  return breaker.state() === 'half-open' || breaker.failures() > 0 ? 'degraded' : 'operational';
}
