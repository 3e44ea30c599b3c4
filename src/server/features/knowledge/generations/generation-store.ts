import { type Kysely, sql, type Transaction } from 'kysely';

import type { DocumentVersionsTable, Tables } from '../../../database/tables.ts';
import type { JobRecord } from '../../../jobs/job-queue.ts';
import type { GenerationRecord, GenerationSetup } from '../index-generation.ts';

export const BUILD_GENERATION_JOB = 'build-generation';
export const REMOVE_GENERATION_JOB = 'remove-generation';

/** A document whose passages in a generation are missing or older than what is searchable. */
export type PendingDocument = { documentId: number; revision: number };

/** What splitting a document needs. */
export type StoredDocument = PendingDocument &
  Pick<DocumentVersionsTable, 'format' | 'text' | 'blocks' | 'pageCount'> & {
    versionId: number;
    namespace: string;
    title: string;
  };

/** `documents` and `passages` that it holds; of all `searchable` documents those that it lacks are `pending`. */
export type GenerationCounts = { documents: number; passages: number; searchable: number; pending: number };

type Database = Kysely<Tables> | Transaction<Tables>;

/** Set while a curator's choice stands against what the configuration asks for; holds the key of that setup. */
const KEPT_SETTING = 'index-setup-declined';

/** Generations of the index and what each holds. Discarded ones are not listed. */
export function createGenerationStore(options: { database: Kysely<Tables>; now: () => Date }) {
  const { database, now } = options;

  const pending = (source: Database, generationId: number) =>
    source
      .selectFrom('documents as d')
      .leftJoin('generationDocuments as g', (join) =>
        join.onRef('g.documentId', '=', 'd.id').on('g.generationId', '=', generationId),
      )
      .where('d.deletedAt', 'is', null)
      .where('d.currentVersionId', 'is not', null)
      .where((eb) =>
        eb.or([eb('g.revision', 'is', null), eb('g.revision', '!=', eb.ref('d.indexRevision'))]),
      );

  async function countPending(source: Database, generationId: number): Promise<number> {
    const row = await pending(source, generationId)
      .select((eb) => eb.fn.countAll().as('count'))
      .executeTakeFirstOrThrow();
    return Number(row.count);
  }

  return {
    countPending,
    async find(id: number): Promise<GenerationRecord | undefined> {
      return database.selectFrom('indexGenerations').selectAll().where('id', '=', id).executeTakeFirst();
    },
    async list(): Promise<GenerationRecord[]> {
      return database
        .selectFrom('indexGenerations')
        .selectAll()
        .where('status', '!=', 'discarded')
        .orderBy('id', 'desc')
        .execute();
    },
    async insert(setup: GenerationSetup): Promise<GenerationRecord> {
      const { splitterVersion, analyserVersion, embeddingModel, dimension } = setup;
      return database
        .insertInto('indexGenerations')
        .values({
          splitterVersion,
          analyserVersion,
          embeddingModel,
          dimension,
          status: 'building',
          createdAt: now().toISOString(),
          activatedAt: null,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
    },
    async setStatus(source: Database, id: number, status: GenerationRecord['status']): Promise<void> {
      await source
        .updateTable('indexGenerations')
        .set({ status, ...(status === 'active' ? { activatedAt: now().toISOString() } : {}) })
        .where('id', '=', id)
        .execute();
    },
    /** What a generation holds and lacks. */
    async count(id: number): Promise<GenerationCounts> {
      const held = await database
        .selectFrom('generationDocuments')
        .where('generationId', '=', id)
        .select((eb) => [eb.fn.countAll().as('documents'), eb.fn.sum('passageCount').as('passages')])
        .executeTakeFirstOrThrow();
      const searchable = await database
        .selectFrom('documents')
        .where('deletedAt', 'is', null)
        .where('currentVersionId', 'is not', null)
        .select((eb) => eb.fn.countAll().as('count'))
        .executeTakeFirstOrThrow();
      return {
        documents: Number(held.documents),
        passages: Number(held.passages ?? 0),
        searchable: Number(searchable.count),
        pending: await countPending(database, id),
      };
    },
    /** Rows of passages that belong to a generation. */
    async countPassageRows(id: number): Promise<number> {
      const row = await database
        .selectFrom('passages')
        .where('generationId', '=', id)
        .select((eb) => eb.fn.countAll().as('count'))
        .executeTakeFirstOrThrow();
      return Number(row.count);
    },
    async listPending(id: number, limit: number): Promise<PendingDocument[]> {
      return pending(database, id)
        .select(['d.id as documentId', 'd.indexRevision as revision'])
        .orderBy('d.id')
        .limit(limit)
        .execute();
    },
    /** The searchable version of a document, or undefined when it has gone. */
    async readDocument(documentId: number): Promise<StoredDocument | undefined> {
      return database
        .selectFrom('documents as d')
        .innerJoin('documentVersions as v', 'v.id', 'd.currentVersionId')
        .where('d.id', '=', documentId)
        .where('d.deletedAt', 'is', null)
        .select(['d.id as documentId', 'd.indexRevision as revision', 'd.namespace', 'd.title'])
        .select(['v.id as versionId', 'v.format', 'v.text', 'v.blocks', 'v.pageCount'])
        .executeTakeFirst();
    },
    /** Whether a document is still as it was read. */
    async isUnchanged(source: Database, document: StoredDocument): Promise<boolean> {
      const row = await source
        .selectFrom('documents')
        .select('id')
        .where('id', '=', document.documentId)
        .where('deletedAt', 'is', null)
        .where('indexRevision', '=', document.revision)
        .where('currentVersionId', '=', document.versionId)
        .executeTakeFirst();
      return row !== undefined;
    },
    /** Vectors that a model already made of this document's passages in any generation, by the passage's text. */
    async findVectors(
      documentId: number,
      model: { id: string; dimension: number },
    ): Promise<Map<string, Float32Array>> {
      const rows = await database
        .selectFrom('passages as p')
        .innerJoin('indexGenerations as g', 'g.id', 'p.generationId')
        .where('p.documentId', '=', documentId)
        .where('g.embeddingModel', '=', model.id)
        .where('g.dimension', '=', model.dimension)
        .where('p.vector', 'is not', null)
        .select(['p.text', 'p.vector'])
        .execute();
      return new Map(rows.flatMap(({ text, vector }) => (vector ? [[text, toFloats(vector)]] : [])));
    },
    /** Some passages of a generation, each from the middle of another document, evenly spread over all of them. */
    async samplePassages(id: number, count: number) {
      const held = await database
        .selectFrom('generationDocuments')
        .where('generationId', '=', id)
        .where('passageCount', '>', 0)
        .orderBy('documentId')
        .select(['documentId', 'passageCount'])
        .execute();
      const step = Math.max(1, Math.ceil(held.length / count));
      const samples = [];
      for (const { documentId, passageCount } of held.filter((_, at) => at % step === 0)) {
        const sample = await database
          .selectFrom('passages as p')
          .innerJoin('documents as d', 'd.id', 'p.documentId')
          .where('p.generationId', '=', id)
          .where('p.documentId', '=', documentId)
          .where('p.position', '=', Math.floor(passageCount / 2))
          .select(['p.documentId', 'd.namespace', 'p.text', 'p.vector'])
          .executeTakeFirst();
        if (sample) samples.push({ ...sample, vector: sample.vector ? toFloats(sample.vector) : undefined });
      }
      return samples;
    },
    /** Shows each document's number of passages in the active generation. */
    async copyPassageCounts(transaction: Transaction<Tables>, id: number): Promise<void> {
      await sql`update document_versions set passage_count = coalesce((
        select g.passage_count from generation_documents g
        where g.generation_id = ${id} and g.document_id = document_versions.document_id), 0)
        where id in (select current_version_id from documents where current_version_id is not null)`.execute(
        transaction,
      );
    },
    /** Build jobs that have not ended, with the generation that each is about. */
    async listLiveBuilds(): Promise<{ job: JobRecord; generationId: number }[]> {
      const rows = await database
        .selectFrom('jobs')
        .selectAll()
        .where('kind', '=', BUILD_GENERATION_JOB)
        .where('endedAt', 'is', null)
        .execute();
      return rows.map((job) => ({ job, generationId: readBuildPayload(job).generationId }));
    },
    async findDeclinedSetup(): Promise<string | undefined> {
      const row = await database
        .selectFrom('settings')
        .select('value')
        .where('key', '=', KEPT_SETTING)
        .executeTakeFirst();
      return row?.value;
    },
    /** Remembers that a setup was declined, or forgets it. */
    async setDeclinedSetup(source: Database, key: string | undefined): Promise<void> {
      await source.deleteFrom('settings').where('key', '=', KEPT_SETTING).execute();
      if (key !== undefined)
        await source.insertInto('settings').values({ key: KEPT_SETTING, value: key }).execute();
    },
  };
}

export type GenerationStore = ReturnType<typeof createGenerationStore>;

/** What a build job is about: the generation, and whether it is to answer once it is complete. */
export type BuildPayload = { generationId: number; activate: boolean };

export function readBuildPayload(job: Pick<JobRecord, 'payload'>): BuildPayload {
  return JSON.parse(job.payload) as BuildPayload;
}

/** A stored vector as floats; copied, because a blob's bytes may begin at any address. */
function toFloats(bytes: Uint8Array): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer);
}
