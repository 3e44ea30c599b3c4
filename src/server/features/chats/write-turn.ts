import type { Kysely } from 'kysely';

import type { Message } from '../../../shared/messages.ts';
import type { TurnEvent } from '../../../shared/turn-events.ts';
import type { Tables } from '../../database/tables.ts';
import type { TurnOutcome } from '../../pipeline/turn.ts';
import type { OwnedTurn } from './turn-store.ts';

/** Rows bound in one statement; after a full disk there may be thousands, and databases bound the parameters. */
const EVENTS_AT_ONCE = 500;

/** Appends events; the caller's transaction has checked the fence. */
export async function insertEvents(
  transaction: Kysely<Tables>,
  events: readonly TurnEvent[],
  time: string,
): Promise<void> {
  for (let start = 0; start < events.length; start += EVENTS_AT_ONCE) {
    await transaction
      .insertInto('turnEvents')
      .values(
        events.slice(start, start + EVENTS_AT_ONCE).map((event) => ({
          turnId: event.turnId,
          sequence: event.sequence,
          payload: JSON.stringify(event),
          createdAt: time,
        })),
      )
      .execute();
  }
}

/** Writes the final text, status and figures of an answer. */
export async function updateMessage(
  transaction: Kysely<Tables>,
  message: Message,
  costMicros: number,
): Promise<void> {
  await transaction
    .updateTable('messages')
    .set({
      content: message.content,
      status: message.status,
      agentUsed: message.agent_used,
      routingReason: message.routing_reason,
      namespaces: JSON.stringify(message.namespaces),
      sources: JSON.stringify(message.sources),
      guardAction: message.guard.action,
      guardPolicy: message.guard.policy,
      guardReason: message.guard.reason,
      note: message.note,
      promptTokens: message.prompt_tokens,
      completionTokens: message.completion_tokens,
      costMicros,
      responseTimeMs: message.response_time_ms,
    })
    .where('id', '=', message.id)
    .execute();
}

/** Stores where each citation stands and what it quotes, so that it opens after its document changed. */
export async function insertCitations(transaction: Kysely<Tables>, message: Message): Promise<void> {
  if (message.citations.length === 0) return;
  const versions = new Map(message.sources.map((source) => [source.document_id, source.version]));
  await transaction
    .insertInto('citations')
    .values(
      message.citations.map((citation) => ({
        messageId: message.id,
        marker: citation.marker,
        startOffset: citation.start,
        endOffset: citation.end,
        documentId: citation.document_id,
        version: versions.get(citation.document_id) ?? 1,
        passageId: citation.passage_id,
        locator: JSON.stringify(citation.locator),
        quote: citation.quote,
        support: citation.support,
      })),
    )
    .execute();
}

/** Books the tokens and cost of a turn on its user: a row for the answer and one for each other call of a model. */
export async function insertUsage(
  transaction: Kysely<Tables>,
  values: { turn: OwnedTurn; outcome: TurnOutcome; personaId: string; time: string },
): Promise<void> {
  const { turn, outcome, personaId, time } = values;
  const { model, usage, stepUsage } = outcome;
  const stepCost = stepUsage.reduce((sum, step) => sum + step.costMicros, 0);
  const calls = [{ model, usage, costMicros: outcome.costMicros - stepCost }, ...stepUsage];
  await transaction
    .insertInto('tokenUsage')
    .values(
      calls.map((call) => ({
        userId: turn.userId,
        messageId: turn.turnId,
        personaId,
        model: call.model,
        promptTokens: call.usage.promptTokens,
        cachedTokens: call.usage.cachedTokens,
        completionTokens: call.usage.completionTokens,
        costMicros: call.costMicros,
        isReported: call.usage.isReported ? (1 as const) : (0 as const),
        createdAt: time,
      })),
    )
    .execute();
}
