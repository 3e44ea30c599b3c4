import { z } from 'zod';

const fact = z
  .string()
  .trim()
  .min(3, 'must have at least 3 characters')
  .max(300, 'must have at most 300 characters')
  .transform((text) => text.replaceAll(/\s+/gu, ' '));
const persona = z.string().trim().min(1, 'is required').max(100);

/** What a user asked a persona to remember. */
export const memorySchema = z.object({
  id: z.int(),
  persona: z.string(),
  text: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Memory = z.infer<typeof memorySchema>;

export const memoryListSchema = z.object({
  memories: z.array(memorySchema),
  enabled: z.array(z.string()).describe('Personas that may remember; off until the user allows it'),
});
export type MemoryList = z.infer<typeof memoryListSchema>;

export const createMemorySchema = z.object({ persona, text: fact });
export const updateMemorySchema = z.object({ text: fact });
export const memorySettingsSchema = z.object({ persona, enabled: z.boolean() });
