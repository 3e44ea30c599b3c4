import { z } from 'zod';

/** What anyone may know of a persona. */
export const personaCardSchema = z.object({
  id: z.string(),
  name: z.string(),
  title: z.string(),
  description: z.string(),
  language: z.string(),
  audience: z.enum(['adults', 'children']),
  greeting: z.string(),
  starter_questions: z.array(z.string()),
  specialists: z.array(z.object({ id: z.string(), title: z.string(), description: z.string() })),
  namespaces: z.array(z.string()),
  /** `model` when a language model writes the answers, `excerpts` when they are quoted sentences. */
  answers: z.enum(['model', 'excerpts']),
});
export type PersonaCard = z.infer<typeof personaCardSchema>;
