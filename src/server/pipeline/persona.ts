import { z } from 'zod';

import type { GuardPolicy } from '../guard/guard-policy.ts';

const id = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'use lower-case letters, digits, "_" and "-", a letter first');
const line = z.string().trim().min(1, 'is empty');
const variants = z.array(z.string()).min(1, 'give at least one text');

/** The messages that need no search; each kind has one or more texts to choose from. */
export const replyKinds = [
  'greeting',
  'thanks',
  'goodbye',
  'how_are_you',
  'who_are_you',
  'capabilities',
  'documents',
  'documents_empty',
] as const;
export type ReplyKind = (typeof replyKinds)[number];

/** persona.yaml of a pack. */
export const personaFileSchema = z.strictObject({
  id,
  name: line.max(100),
  title: line.max(200),
  description: line.max(1_000),
  language: z.string().regex(/^[a-z]{2}$/, 'must be a two-letter language code such as en'),
  audience: z.enum(['adults', 'children']),
  open_to_guests: z.boolean(),
  voice: line,
  greeting: line,
  starter_questions: z.array(line).min(1).max(12),
  specialists: z.array(id).min(1, 'name at least one specialist'),
  fallback_specialist: id,
  replies: z.strictObject({
    greeting: variants,
    thanks: variants,
    goodbye: variants,
    how_are_you: variants,
    who_are_you: variants,
    capabilities: variants,
    documents: variants,
    documents_empty: variants,
  } satisfies Record<ReplyKind, unknown>),
  frames: z.strictObject({
    opening: variants,
    opening_partly: variants,
    two_views: variants,
    closing: variants,
  }),
  abstention: z.strictObject({ text: variants, near_topics: variants, no_topics: variants }),
});
export type PersonaFile = z.infer<typeof personaFileSchema>;

/** The front matter of specialists/<id>.md; the body is the prompt. */
export const specialistFileSchema = z.strictObject({
  id,
  title: line.max(100),
  namespaces: z.array(id).min(1, 'name at least one namespace'),
  description: line.max(1_000),
  utterances: z.array(line).min(1, 'give example utterances; 25 or more make a good router'),
  keywords: z.array(line).optional(),
});

export type Specialist = z.infer<typeof specialistFileSchema> & { prompt: string };

/** A persona as the pipeline uses it: the validated pack. */
export type Persona = Omit<PersonaFile, 'specialists'> & {
  specialists: Specialist[];
  namespaces: string[];
  guard: GuardPolicy;
  /** Hash of the pack's text; part of receipts, so that an old answer can be explained. */
  version: string;
};
