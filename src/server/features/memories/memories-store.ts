import type { Kysely, Selectable } from 'kysely';

import type { MemoriesTable, Tables } from '../../database/tables.ts';

export type MemoryRecord = Selectable<MemoriesTable>;

/** Whose memory with which persona. */
export type MemoryScope = { userId: number; personaId: string };

/** Facts that one persona keeps of one user at most. */
export const MOST_FACTS = 50;

/** What users asked personas to remember, and where they allowed it; always of one user. */
export function createMemoriesStore(options: { database: Kysely<Tables>; now: () => Date }) {
  const { database, now } = options;

  const list = (scope: { userId: number; personaId?: string }): Promise<MemoryRecord[]> => {
    const query = database.selectFrom('memories').selectAll().where('userId', '=', scope.userId);
    const { personaId } = scope;
    return (personaId === undefined ? query : query.where('personaId', '=', personaId))
      .orderBy('id')
      .execute();
  };

  return {
    /** Oldest first; of all personas when none is named. */
    list,
    /** Ids of the personas that may remember. */
    async listEnabled(userId: number): Promise<string[]> {
      const rows = await database
        .selectFrom('memoryConsents')
        .select('personaId')
        .where('userId', '=', userId)
        .orderBy('personaId')
        .execute();
      return rows.map((row) => row.personaId);
    },
    /** Allows or forbids a persona to remember; what it kept stays until it is deleted. */
    async setEnabled(scope: MemoryScope, isEnabled: boolean): Promise<void> {
      if (isEnabled) {
        await database
          .insertInto('memoryConsents')
          .values({ ...scope, createdAt: now().toISOString() })
          .onConflict((conflict) => conflict.columns(['userId', 'personaId']).doNothing())
          .execute();
        return;
      }
      await database
        .deleteFrom('memoryConsents')
        .where('userId', '=', scope.userId)
        .where('personaId', '=', scope.personaId)
        .execute();
    },
    /**
     * Keeps a fact unless the same is kept already, case and full stop aside.
     * @returns the record and whether it is new; `full` when there are `MOST_FACTS`
     */
    async insert(
      scope: MemoryScope,
      text: string,
    ): Promise<{ memory: MemoryRecord; isNew: boolean } | 'full'> {
      return database.transaction().execute(async (transaction) => {
        const kept = await transaction
          .selectFrom('memories')
          .selectAll()
          .where('userId', '=', scope.userId)
          .where('personaId', '=', scope.personaId)
          .execute();
        const known = kept.find((memory) => keyOf(memory.text) === keyOf(text));
        if (known) return { memory: known, isNew: false };
        if (kept.length >= MOST_FACTS) return 'full';
        const time = now().toISOString();
        const memory = await transaction
          .insertInto('memories')
          .values({ ...scope, text, createdAt: time, updatedAt: time })
          .returningAll()
          .executeTakeFirstOrThrow();
        return { memory, isNew: true };
      });
    },
    /** Undefined when the user has no such memory. */
    async update(id: number, userId: number, text: string): Promise<MemoryRecord | undefined> {
      return database
        .updateTable('memories')
        .set({ text, updatedAt: now().toISOString() })
        .where('id', '=', id)
        .where('userId', '=', userId)
        .returningAll()
        .executeTakeFirst();
    },
    /** @returns how many of the ids were the user's and are gone */
    async remove(ids: readonly number[], userId: number): Promise<number> {
      if (ids.length === 0) return 0;
      const result = await database
        .deleteFrom('memories')
        .where('id', 'in', [...ids])
        .where('userId', '=', userId)
        .executeTakeFirst();
      return Number(result.numDeletedRows);
    },
  };
}

export type MemoriesStore = ReturnType<typeof createMemoriesStore>;

function keyOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/\s+/gu, ' ')
    .replace(/[.!\s]+$/u, '');
}
