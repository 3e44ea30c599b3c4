import type { Kysely } from 'kysely';

import type { Passage } from '../../../shared/documents.ts';
import type { DocumentVersion } from '../../../shared/generations.ts';
import type { Tables } from '../../database/tables.ts';
import { notFound } from '../../errors.ts';
import type { DocumentFormat, TextBlock } from '../../ingestion/parsed-document.ts';
import { splitPassages } from '../../retrieval/split-passages.ts';

/** Versions of documents from their stored text, which outlives their passages: what old answers cite can be read on. */
export function createVersionReader(dependencies: { database: Kysely<Tables> }) {
  const { database } = dependencies;

  async function find(documentId: number, version: number) {
    const row = await database
      .selectFrom('documentVersions as v')
      .innerJoin('documents as d', 'd.id', 'v.documentId')
      .where('v.documentId', '=', documentId)
      .where('v.version', '=', version)
      .where('d.deletedAt', 'is', null)
      .select(['v.id', 'v.version', 'v.format', 'v.text', 'v.blocks', 'v.pageCount', 'v.createdAt'])
      .select(['d.title', 'd.currentVersionId'])
      .executeTakeFirst();
    // A version that is not parsed yet, or could not be, has nothing to show.
    if (!row || row.text === null) throw notFound('version', version);
    return { ...row, text: row.text, blocks: JSON.parse(row.blocks ?? '[]') as TextBlock[] };
  }

  return {
    /** @throws AppError `not_found` */
    async read(documentId: number, version: number): Promise<DocumentVersion> {
      const row = await find(documentId, version);
      return {
        document_id: documentId,
        version,
        is_current: row.id === row.currentVersionId,
        title: row.title,
        format: row.format,
        text: row.text,
        page_count: row.pageCount,
        pages: findPages(row.blocks),
        created_at: row.createdAt,
      };
    },
    /**
     * The passages of a version that the index holds no more, split again; their ids are -1, -2, ... and name nothing.
     * @throws AppError `not_found`
     */
    async splitAgain(documentId: number, version: number): Promise<Passage[]> {
      const row = await find(documentId, version);
      const drafts = splitPassages({
        format: (row.format ?? 'text') as DocumentFormat,
        text: row.text,
        blocks: row.blocks,
        warnings: [],
        ...(row.pageCount === null ? {} : { pageCount: row.pageCount }),
      });
      return drafts.map(({ text, locator }, position) => ({
        id: -position - 1,
        document_id: documentId,
        version,
        position,
        text,
        locator,
      }));
    },
  };
}

export type VersionReader = ReturnType<typeof createVersionReader>;

/** The stretch of the text that each page's blocks take up. */
function findPages(blocks: readonly TextBlock[]): DocumentVersion['pages'] {
  const pages = new Map<number, { page: number; start: number; end: number }>();
  for (const { page, start, end } of blocks) {
    if (page === undefined) continue;
    const known = pages.get(page) ?? { page, start, end };
    pages.set(page, { page, start: Math.min(known.start, start), end: Math.max(known.end, end) });
  }
  return [...pages.values()].sort((left, right) => left.page - right.page);
}
