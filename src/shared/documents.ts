import { z } from 'zod';

import { locatorSchema } from './locator.ts';

export const documentStatusSchema = z.enum(['pending', 'processing', 'indexed', 'failed', 'quarantined']);

const webAddress = z
  .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
  .max(2_000);
const tags = z.array(z.string().trim().min(1).max(60)).max(50);
const title = z.string().trim().min(1, 'give the document a title').max(500);
const publishedDate = z.string().regex(/^\d{4}(-\d{2}(-\d{2})?)?$/, 'must be a date such as 2026-03-14');
const metadata = z.record(z.string(), z.unknown());

export const documentSchema = z.object({
  id: z.int(),
  namespace: z.string(),
  title: z.string(),
  content: z.string().nullable(),
  file_name: z.string().nullable(),
  format: z.string().nullable(),
  page_count: z.int().nullable(),
  source_url: z.string().nullable(),
  youtube_url: z.string().nullable(),
  vector_id: z.string().nullable(),
  embedding_model: z.string().nullable(),
  author: z.string().nullable(),
  published_date: z.string().nullable(),
  tags: z.array(z.string()),
  metadata_json: metadata,
  uploaded_by: z.int().nullable(),
  is_sample: z.boolean(),
  status: documentStatusSchema,
  error: z.string().nullable(),
  error_code: z.string().nullable(),
  warnings: z.array(z.string()),
  version: z.int(),
  passage_count: z.int(),
  job_id: z.int().nullable(),
  duplicate: z.boolean().optional(),
  created_at: z.string(),
  updated_at: z.string(),
  retrieval_count: z.int(),
  avg_relevance_score: z.number().nullable(),
});
export type Document = z.infer<typeof documentSchema>;

/** A document given as text; uploads carry the same fields beside the file. */
export const createDocumentSchema = z.object({
  namespace: z.string().min(1).max(100),
  title,
  content: z.string().min(1, 'is empty; give the text of the document'),
  source_url: webAddress.nullish(),
  youtube_url: webAddress.nullish(),
  author: z.string().trim().max(200).nullish(),
  published_date: publishedDate.nullish(),
  tags: tags.nullish(),
  metadata_json: metadata.nullish(),
});

export const uploadFieldsSchema = createDocumentSchema
  .omit({ content: true, title: true })
  .extend({ title: title.nullish() });
export type UploadFields = z.infer<typeof uploadFieldsSchema>;

export const updateDocumentSchema = createDocumentSchema.partial();

export const documentStatusResponseSchema = z.object({
  document_id: z.int(),
  status: documentStatusSchema,
  passages_created: z.int(),
  error: z.string().nullable(),
  error_code: z.string().nullable(),
  progress: z.number().min(0).max(1),
});

export const namespaceSchema = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  persona: z.string().nullable(),
  document_count: z.int(),
  passage_count: z.int(),
  visibility: z.enum(['public', 'users', 'curators']),
});
export type Namespace = z.infer<typeof namespaceSchema>;

export const createNamespaceSchema = z.object({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'use lower-case letters, digits, "_" and "-", a letter first'),
  title: z.string().trim().min(1).max(100),
  description: z.string().max(500).optional(),
  persona: z.string().max(100).nullish(),
  visibility: z.enum(['public', 'users', 'curators']).optional(),
});
export const updateNamespaceSchema = createNamespaceSchema.partial();

export const passageSchema = z.object({
  id: z.int(),
  document_id: z.int(),
  version: z.int(),
  position: z.int(),
  text: z.string(),
  locator: locatorSchema,
});
export type Passage = z.infer<typeof passageSchema>;

export const searchSchema = z.object({
  query: z.string().trim().min(1, 'write what to search for').max(1_000),
  namespace: z.string().max(100).nullish(),
  limit: z.int().min(1).max(50).optional(),
  min_score: z.number().min(0).max(1).optional(),
});

export const searchResultSchema = z.object({
  document: documentSchema,
  passage: passageSchema,
  score: z.number(),
  snippet: z.string(),
});

export const jobSchema = z.object({
  id: z.int(),
  kind: z.string(),
  status: z.enum(['queued', 'running', 'retrying', 'completed', 'failed', 'canceled']),
  document_id: z.int().nullable(),
  progress: z.number(),
  attempts: z.int(),
  error: z.string().nullable(),
  error_code: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
  ended_at: z.string().nullable(),
});
export type Job = z.infer<typeof jobSchema>;
