import { z } from 'zod';

import { locatorSchema } from './locator.ts';

/** What the guard does with a text: answer, answer with a note, offer help first, or decline kindly. */
export const guardActionSchema = z.enum(['allow', 'disclaim', 'support', 'refuse']);
export type GuardAction = z.infer<typeof guardActionSchema>;

/** How far an answer has come; `interrupted` means that its server went away and the text is what was committed. */
export const messageStatusSchema = z.enum(['generating', 'complete', 'stopped', 'interrupted', 'failed']);
export type MessageStatus = z.infer<typeof messageStatusSchema>;

/** A source that the final text cites, numbered by first use. */
export const sourceSchema = z.object({
  marker: z.int().min(1),
  title: z.string(),
  url: z.string().nullable(),
  youtube_url: z.string().nullable(),
  timestamp: z.string().nullable(),
  page: z.int().nullable(),
  document_id: z.int(),
  version: z.int(),
  passage_id: z.int(),
  namespace: z.string(),
  quote: z.string(),
  score: z.number(),
});
export type Source = z.infer<typeof sourceSchema>;

/** A link from a span of the answer (UTF-16 code units of `content`) to the passage that supports it. */
export const citationSchema = z.object({
  marker: z.int().min(1),
  start: z.int().min(0),
  end: z.int().min(0),
  document_id: z.int(),
  passage_id: z.int(),
  locator: locatorSchema,
  quote: z.string(),
  support: z.number().min(0).max(1),
});
export type Citation = z.infer<typeof citationSchema>;

export const guardSummarySchema = z.object({
  action: guardActionSchema,
  policy: z.string().nullable(),
  reason: z.string().nullable(),
});
export type GuardSummary = z.infer<typeof guardSummarySchema>;

/** A question or an answer as every client sees it. */
export const messageSchema = z.object({
  id: z.int(),
  chat_id: z.int(),
  role: z.enum(['user', 'assistant']),
  content: z.string(),
  status: messageStatusSchema,
  parent_id: z.int().nullable(),
  agent_used: z.string().nullable(),
  routing_reason: z.string().nullable(),
  namespaces: z.array(z.string()),
  sources: z.array(sourceSchema),
  citations: z.array(citationSchema),
  guard: guardSummarySchema,
  note: z.string().nullable().describe('One sentence for the reader about how the answer came about'),
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
  cost_usd: z.number(),
  response_time_ms: z.int().nullable(),
  created_at: z.string(),
});
export type Message = z.infer<typeof messageSchema>;
