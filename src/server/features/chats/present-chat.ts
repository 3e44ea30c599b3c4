import type { ChatSummary } from '../../../shared/chats.ts';
import type { Locator } from '../../../shared/locator.ts';
import type { Message, Source } from '../../../shared/messages.ts';
import type { TurnOutcome } from '../../pipeline/turn.ts';
import type { ChatRecord, MessageRecord } from './chat-store.ts';

const MICROS = 1_000_000;

export function presentChat(chat: ChatRecord): ChatSummary {
  return {
    id: chat.id,
    title: chat.title,
    persona: chat.personaId,
    pinned: chat.isPinned === 1,
    archived: chat.isArchived === 1,
    created_at: chat.createdAt,
    updated_at: chat.updatedAt,
    total_tokens_used: chat.tokensUsed,
    total_cost: Number(chat.costMicros) / MICROS,
  };
}

/** A stored message as every client sees it. */
export function presentMessage(row: MessageRecord): Message {
  return {
    id: row.id,
    chat_id: row.chatId,
    role: row.role,
    content: row.content,
    status: row.status,
    parent_id: row.parentId,
    agent_used: row.agentUsed,
    routing_reason: row.routingReason,
    namespaces: JSON.parse(row.namespaces) as string[],
    sources: JSON.parse(row.sources) as Source[],
    citations: row.citations.map((citation) => ({
      marker: citation.marker,
      start: citation.startOffset,
      end: citation.endOffset,
      document_id: citation.documentId,
      passage_id: Number(citation.passageId),
      locator: JSON.parse(citation.locator) as Locator,
      quote: citation.quote,
      support: citation.support,
    })),
    guard: { action: row.guardAction, policy: row.guardPolicy, reason: row.guardReason },
    note: row.note,
    prompt_tokens: row.promptTokens,
    completion_tokens: row.completionTokens,
    total_tokens: row.promptTokens + row.completionTokens,
    cost_usd: Number(row.costMicros) / MICROS,
    response_time_ms: row.responseTimeMs,
    created_at: row.createdAt,
  };
}

/** The answer that a turn ended with, before it is stored. */
export function messageOfOutcome(
  outcome: TurnOutcome,
  turn: { turnId: number; chatId: number; questionId: number; createdAt: string; responseTimeMs: number },
): Message {
  return {
    id: turn.turnId,
    chat_id: turn.chatId,
    role: 'assistant',
    content: outcome.content,
    status: outcome.status,
    parent_id: turn.questionId,
    agent_used: outcome.specialistId,
    routing_reason: outcome.routingReason,
    namespaces: outcome.namespaces,
    sources: outcome.sources,
    citations: outcome.citations,
    guard: outcome.guard,
    note: outcome.note,
    prompt_tokens: outcome.usage.promptTokens,
    completion_tokens: outcome.usage.completionTokens,
    total_tokens: outcome.usage.promptTokens + outcome.usage.completionTokens,
    cost_usd: outcome.costMicros / MICROS,
    response_time_ms: turn.responseTimeMs,
    created_at: turn.createdAt,
  };
}
