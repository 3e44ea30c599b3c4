import type { Kysely, Transaction } from 'kysely';

import type { Tables } from '../database/tables.ts';

/** Rows bound in one statement; SQLite and PostgreSQL both bound the number of parameters. */
const rowsAtOnce = 500;
/** Transactions may commit in another order than their ids; so many ids before the last seen one are read again. */
const overlappingIds = 256;

function* slices<T>(values: readonly T[]): Iterable<T[]> {
  for (let start = 0; start < values.length; start += rowsAtOnce)
    yield values.slice(start, start + rowsAtOnce);
}

/** The stored segments and deletions of one index generation. */
export function createSegmentStore(options: {
  database: Kysely<Tables>;
  generationId: number;
  now: () => Date;
}) {
  const { database, generationId, now } = options;

  const insertSegment = async (
    transaction: Kysely<Tables> | Transaction<Tables>,
    segment: { bytes: Uint8Array; passageCount: number },
  ): Promise<number> => {
    const row = await transaction
      .insertInto('indexSegments')
      .values({
        generationId,
        passageCount: segment.passageCount,
        data: segment.bytes,
        createdAt: now().toISOString(),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    return row.id;
  };

  return {
    insertSegment,

    async insertTombstones(transaction: Transaction<Tables>, passageIds: readonly number[]): Promise<void> {
      for (const slice of slices(passageIds)) {
        await transaction
          .insertInto('indexTombstones')
          .values(slice.map((passageId) => ({ generationId, passageId })))
          .execute();
      }
    },

    async listSegmentIds(): Promise<number[]> {
      const rows = await database
        .selectFrom('indexSegments')
        .select('id')
        .where('generationId', '=', generationId)
        .orderBy('id')
        .execute();
      return rows.map(({ id }) => id);
    },

    /** The bytes of a segment in a buffer of their own, or undefined when it was merged away meanwhile. */
    async readSegment(id: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
      const row = await database
        .selectFrom('indexSegments')
        .select('data')
        .where('id', '=', id)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const { data } = row;
      const isWhole = data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength;
      return isWhole ? new Uint8Array(data.buffer) : new Uint8Array(data);
    },

    /** Deletions after `lastId`, and some before it again, in order of their ids. */
    listTombstones(lastId: number): Promise<{ id: number; passageId: number }[]> {
      return database
        .selectFrom('indexTombstones')
        .select(['id', 'passageId'])
        .where('generationId', '=', generationId)
        .where('id', '>', lastId - overlappingIds)
        .orderBy('id')
        .execute();
    },

    /**
     * Puts a merged segment in the place of its sources, and removes the deletions that it took in. Deletions that came
     * since stay and hold for the merged segment too, because they name passages.
     * @returns the new segment's id, `undefined` when nothing was left, or `false` when another process was first
     */
    replaceSegments(merged: {
      sourceIds: readonly number[];
      bytes: Uint8Array;
      passageCount: number;
      omittedPassageIds: readonly number[];
    }): Promise<number | undefined | false> {
      return database.transaction().execute(async (transaction) => {
        const held = await transaction
          .selectFrom('indexSegments')
          .select('id')
          .where('id', 'in', merged.sourceIds)
          .execute();
        if (held.length !== merged.sourceIds.length) return false;
        await transaction.deleteFrom('indexSegments').where('id', 'in', merged.sourceIds).execute();
        for (const slice of slices(merged.omittedPassageIds)) {
          await transaction
            .deleteFrom('indexTombstones')
            .where('generationId', '=', generationId)
            .where('passageId', 'in', slice)
            .execute();
        }
        return merged.passageCount === 0 ? undefined : await insertSegment(transaction, merged);
      });
    },
  };
}

export type SegmentStore = ReturnType<typeof createSegmentStore>;
