import { type Kysely, sql } from 'kysely';

import type { NamespacesTable, Tables } from '../../database/tables.ts';

export type NamespaceRecord = NamespacesTable & { documentCount: number; passageCount: number };

/** Namespaces, and how much they hold. */
export function createNamespaceStore(options: { database: Kysely<Tables>; now: () => Date }) {
  const { database, now } = options;
  const withCounts = () =>
    database
      .selectFrom('namespaces as n')
      .selectAll('n')
      .select((eb) => [
        eb
          .selectFrom('documents as d')
          .whereRef('d.namespace', '=', 'n.name')
          .where('d.deletedAt', 'is', null)
          .select(sql<number>`count(*)`.as('count'))
          .as('documentCount'),
        eb
          .selectFrom('passages as p')
          .innerJoin('documents as d', 'd.id', 'p.documentId')
          .innerJoin('indexGenerations as g', 'g.id', 'p.generationId')
          .whereRef('d.namespace', '=', 'n.name')
          .whereRef('p.versionId', '=', 'd.currentVersionId')
          .where('g.status', '=', 'active')
          .select(sql<number>`count(*)`.as('count'))
          .as('passageCount'),
      ]);
  const toRecord = (
    row: NamespacesTable & { documentCount: unknown; passageCount: unknown },
  ): NamespaceRecord => ({
    ...row,
    documentCount: Number(row.documentCount),
    passageCount: Number(row.passageCount),
  });
  return {
    /** All namespaces without counts: what every question and read asks for, at a cost that stays when they grow. */
    list(): Promise<NamespacesTable[]> {
      return database.selectFrom('namespaces').selectAll().orderBy('name').execute();
    },
    /** All namespaces with how much they hold, which counts every passage. */
    async listWithCounts(): Promise<NamespaceRecord[]> {
      return (await withCounts().orderBy('n.name').execute()).map(toRecord);
    },
    async find(name: string): Promise<NamespaceRecord | undefined> {
      const row = await withCounts().where('n.name', '=', name).executeTakeFirst();
      return row ? toRecord(row) : undefined;
    },
    /** Adds a namespace unless its name is taken. @returns whether it was added */
    async insert(values: Omit<NamespacesTable, 'createdAt'>): Promise<boolean> {
      const result = await database
        .insertInto('namespaces')
        .values({ ...values, createdAt: now().toISOString() })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .executeTakeFirst();
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },
    async update(name: string, values: Partial<Omit<NamespacesTable, 'createdAt'>>): Promise<void> {
      if (Object.keys(values).length === 0) return;
      await database.updateTable('namespaces').set(values).where('name', '=', name).execute();
    },
    async remove(name: string): Promise<void> {
      await database.transaction().execute(async (transaction) => {
        // Removed documents keep their row so that old citations can say so; the row needs its namespace no longer.
        await transaction
          .deleteFrom('documents')
          .where('namespace', '=', name)
          .where('deletedAt', 'is not', null)
          .execute();
        await transaction.deleteFrom('namespaces').where('name', '=', name).execute();
      });
    },
  };
}

export type NamespaceStore = ReturnType<typeof createNamespaceStore>;
