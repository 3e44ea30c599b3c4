import { z } from 'zod';

/** `documents.yaml` beside the files of a namespace, in persona packs and in exports. */
export const documentsFileSchema = z.strictObject({
  documents: z.array(
    z.strictObject({
      file: z.string().regex(/^(?!\.{1,2}$)[^/\\]+$/, 'must be a file name in the same folder'),
      title: z.string().min(1),
      author: z.string().optional(),
      published_date: z.string().optional(),
      youtube_url: z.url().optional(),
      source_url: z.url().optional(),
      tags: z.array(z.string()).optional(),
      metadata: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});
export type DocumentsFile = z.infer<typeof documentsFileSchema>;
export type DocumentsFileEntry = DocumentsFile['documents'][number];

/** `namespaces.yaml` of an export: one folder each, named after the namespace. */
export const namespacesFileSchema = z.strictObject({
  namespaces: z.array(
    z.strictObject({
      name: z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, 'must be the name of a namespace'),
      title: z.string().min(1),
      description: z.string().optional(),
      persona: z.string().nullable(),
      visibility: z.enum(['public', 'users', 'curators']),
    }),
  ),
});
export type NamespacesFile = z.infer<typeof namespacesFileSchema>;
