import { z } from 'zod';

import { messageSchema } from './messages.ts';

export const maximumQuestionLength = 10_000;

const content = z
  .string()
  .refine((value) => value.trim() !== '', 'write a question; it is empty')
  .refine(
    (value) => value.length <= maximumQuestionLength,
    `is longer than ${maximumQuestionLength.toLocaleString('en')} characters; shorten it`,
  );

/** A question to a persona; without `chat_id` it opens a chat. */
export const askSchema = z.object({
  content,
  chat_id: z.int().min(1).nullish(),
  persona: z.string().max(100).nullish(),
  parent_id: z.int().min(1).nullish(),
  namespace: z.string().max(100).nullish(),
  stream: z.boolean().nullish(),
});
export type Ask = z.infer<typeof askSchema>;

export const editSchema = z.object({ content });

export const chatSummarySchema = z.object({
  id: z.int(),
  title: z.string(),
  persona: z.string(),
  pinned: z.boolean(),
  archived: z.boolean(),
  created_at: z.string(),
  updated_at: z.string(),
  total_tokens_used: z.int(),
  total_cost: z.number(),
});
export type ChatSummary = z.infer<typeof chatSummarySchema>;

export const chatSchema = chatSummarySchema.extend({ messages: z.array(messageSchema) });
export type Chat = z.infer<typeof chatSchema>;

export const chatListSchema = z.object({
  chats: z.array(chatSummarySchema),
  total: z.int(),
  page: z.int(),
  per_page: z.int(),
});

export const createChatSchema = z.object({
  title: z.string().trim().min(1).max(200).nullish(),
  persona: z.string().max(100).nullish(),
  first_message: content.nullish(),
});

export const updateChatSchema = z.object({
  title: z.string().trim().min(1).max(200).optional(),
  pinned: z.boolean().optional(),
  archived: z.boolean().optional(),
});

export const feedbackSchema = z.object({
  rating: z.enum(['up', 'down']).nullable(),
  reason: z.string().max(100).nullish(),
  comment: z.string().max(2_000).nullish(),
});
export type Feedback = z.infer<typeof feedbackSchema>;

/** Frames of `POST /chat/stream` and `GET /chat/turns/{id}/events`; exactly one of the last two ends a stream. */
export type StreamFrame =
  | { type: 'start'; chat_id: number; message_id: number; turn_id: number; question_id: number }
  | { type: 'route'; agent: string; namespaces: string[]; confidence: number; reason: string }
  | { type: 'token'; content: string }
  | { type: 'citation'; citations: z.infer<typeof messageSchema>['sources'] }
  | {
      type: 'metadata';
      prompt_tokens: number;
      completion_tokens: number;
      response_time_ms: number;
      guard: z.infer<typeof messageSchema>['guard'];
    }
  | { type: 'done'; message: z.infer<typeof messageSchema> }
  | ({ type: 'error'; message: string } & Record<string, unknown>);
