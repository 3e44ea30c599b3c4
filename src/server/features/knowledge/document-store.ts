import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';

import type { DocumentStatus, DocumentsTable, DocumentVersionsTable, Tables } from '../../database/tables.ts';
import type { TextBlock } from '../../ingestion/parsed-document.ts';

type Version = Pick<
  Selectable<DocumentVersionsTable>,
  'version' | 'format' | 'pageCount' | 'passageCount' | 'warnings' | 'text' | 'blobHash'
>;

/** A document with the version that is shown: the searchable one, else the newest. */
export type DocumentRecord = Selectable<DocumentsTable> & {
  shown: Version | undefined;
  jobId: number | null;
};

export type DocumentFilter = {
  namespaces: readonly string[];
  status?: DocumentStatus;
  query?: string;
  skip: number;
  limit: number;
};

type Database = Kysely<Tables> | Transaction<Tables>;

/** Documents and their versions. Removed documents are never returned. */
export function createDocumentStore(options: { database: Kysely<Tables>; now: () => Date }) {
  const { database, now } = options;

  const base = (source: Database) =>
    source
      .selectFrom('documents as d')
      .leftJoin('documentVersions as v', (join) =>
        join.on('v.id', '=', (eb) =>
          eb.fn.coalesce(
            'd.currentVersionId',
            eb
              .selectFrom('documentVersions as n')
              .whereRef('n.documentId', '=', 'd.id')
              .select((n) => n.fn.max('n.id').as('id')),
          ),
        ),
      )
      .where('d.deletedAt', 'is', null)
      .selectAll('d')
      .select(['v.version', 'v.format', 'v.pageCount', 'v.passageCount', 'v.warnings', 'v.blobHash'])
      .select((eb) =>
        eb
          .selectFrom('jobs as j')
          .whereRef('j.documentId', '=', 'd.id')
          .select((j) => j.fn.max('j.id').as('id'))
          .as('jobId'),
      );

  type Row = Awaited<ReturnType<ReturnType<typeof base>['executeTakeFirstOrThrow']>> & {
    text?: string | null;
  };

  function toRecord(row: Row): DocumentRecord {
    const { version, format, pageCount, passageCount, warnings, blobHash, text, ...document } = row;
    const shown =
      version === null
        ? undefined
        : {
            version,
            format,
            pageCount,
            passageCount: passageCount ?? 0,
            warnings: warnings ?? '[]',
            blobHash: blobHash ?? '',
            text: text ?? null,
          };
    return { ...document, shown };
  }

  function filtered(filter: Omit<DocumentFilter, 'skip' | 'limit'>) {
    let query = base(database).where('d.namespace', 'in', [...filter.namespaces]);
    if (filter.status) query = query.where('d.status', '=', filter.status);
    if (filter.query) {
      const pattern = `%${filter.query.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
      query = query.where(
        sql<boolean>`(lower(d.title) like lower(${pattern}) escape '\\' or lower(coalesce(d.file_name, '')) like lower(${pattern}) escape '\\')`,
      );
    }
    return query;
  }

  return {
    async list(filter: DocumentFilter): Promise<{ documents: DocumentRecord[]; total: number }> {
      if (filter.namespaces.length === 0) return { documents: [], total: 0 };
      const rows = await filtered(filter)
        .orderBy('d.id', 'desc')
        .limit(filter.limit)
        .offset(filter.skip)
        .execute();
      const counted = await filtered(filter)
        .clearSelect()
        .select(sql<number>`count(*)`.as('count'))
        .executeTakeFirstOrThrow();
      return { documents: rows.map(toRecord), total: Number(counted.count) };
    },
    async find(id: number): Promise<DocumentRecord | undefined> {
      const row = await base(database).select('v.text').where('d.id', '=', id).executeTakeFirst();
      return row ? toRecord(row) : undefined;
    },
    async findMany(ids: readonly number[]): Promise<DocumentRecord[]> {
      if (ids.length === 0) return [];
      return (
        await base(database)
          .where('d.id', 'in', [...ids])
          .execute()
      ).map(toRecord);
    },
    /** The live document of a namespace that already holds this content, whatever became of it. */
    async findByChecksum(
      source: Database,
      content: { namespace: string; checksum: string },
    ): Promise<DocumentRecord | undefined> {
      const { namespace, checksum } = content;
      const row = await base(source)
        .where('d.namespace', '=', namespace)
        .where('d.id', 'in', (eb) =>
          eb.selectFrom('documentVersions as c').where('c.checksum', '=', checksum).select('c.documentId'),
        )
        .where('v.checksum', '=', checksum)
        .orderBy('d.id')
        .executeTakeFirst();
      return row ? toRecord(row) : undefined;
    },
    /** Changes what is said about a document, not its content. */
    async changeDetails(
      id: number,
      details: Partial<
        Pick<DocumentRecord, 'title' | 'sourceUrl' | 'youtubeUrl' | 'author' | 'publishedDate'>
      > & {
        tags?: readonly string[];
        metadata?: Record<string, unknown>;
      },
    ): Promise<void> {
      const { tags, metadata, ...rest } = details;
      await this.update(database, id, {
        ...rest,
        ...(tags === undefined ? {} : { tags: JSON.stringify(tags) }),
        ...(metadata === undefined ? {} : { metadata: JSON.stringify(metadata) }),
      });
    },
    async listIds(namespace?: string): Promise<number[]> {
      let query = database.selectFrom('documents').select('id').where('deletedAt', 'is', null);
      if (namespace !== undefined) query = query.where('namespace', '=', namespace);
      return (await query.orderBy('id').execute()).map((row) => row.id);
    },
    /** The parsed blocks of the searchable version. */
    async blocks(id: number): Promise<TextBlock[]> {
      const row = await database
        .selectFrom('documents as d')
        .innerJoin('documentVersions as v', 'v.id', 'd.currentVersionId')
        .where('d.id', '=', id)
        .select('v.blocks')
        .executeTakeFirst();
      return JSON.parse(row?.blocks ?? '[]') as TextBlock[];
    },
    async update(source: Database, id: number, values: Partial<Selectable<DocumentsTable>>): Promise<void> {
      await source
        .updateTable('documents')
        .set({ ...values, updatedAt: now().toISOString() })
        .where('id', '=', id)
        .execute();
    },
    async passages(documentId: number, versionId: number) {
      return database
        .selectFrom('passages as p')
        .innerJoin('documentVersions as v', 'v.id', 'p.versionId')
        .innerJoin('indexGenerations as g', 'g.id', 'p.generationId')
        .where('p.documentId', '=', documentId)
        .where('p.versionId', '=', versionId)
        .where('g.status', '=', 'active')
        .orderBy('p.position')
        .select(['p.id', 'p.documentId', 'p.position', 'p.text', 'p.locator', 'v.version'])
        .execute();
    },
  };
}

export type DocumentStore = ReturnType<typeof createDocumentStore>;
