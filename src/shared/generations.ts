import { z } from 'zod';

/** A generation of the search index: what it was built with, what it holds, and whether it answers. */
export const generationSchema = z.object({
  id: z.int(),
  /** `building`: not complete; `ready`: complete and never used; `active`: answers; `retired`: kept for a way back. */
  status: z.enum(['building', 'ready', 'active', 'retired']),
  splitter_version: z.int(),
  analyser_version: z.int(),
  embedding_model: z.string().nullable(),
  dimension: z.int().nullable(),
  /** Whether it is what the configuration asks for. */
  is_wanted: z.boolean(),
  document_count: z.int(),
  passage_count: z.int(),
  /** Share of the searchable documents that it holds as they are now, 0 to 1. */
  progress: z.number().min(0).max(1),
  /** The job that works on it. */
  job_id: z.int().nullable(),
  created_at: z.string(),
  activated_at: z.string().nullable(),
});
export type Generation = z.infer<typeof generationSchema>;

export const rebuildSchema = z.object({
  /** Whether the new generation answers as soon as it is complete; true unless given. */
  activate: z.boolean().optional(),
});

/** A version of a document as it was, for the words that an old answer cites. */
export const documentVersionSchema = z.object({
  document_id: z.int(),
  version: z.int(),
  is_current: z.boolean(),
  title: z.string(),
  format: z.string().nullable(),
  text: z.string(),
  page_count: z.int().nullable(),
  /** Where each page stands in `text`, in UTF-16 code units, end exclusive; empty without pages. */
  pages: z.array(z.object({ page: z.int(), start: z.int(), end: z.int() })),
  created_at: z.string(),
});
export type DocumentVersion = z.infer<typeof documentVersionSchema>;
