import type { Kysely } from 'kysely';

import type { Tables } from '../../database/tables.ts';

/** Removal of what is older than its retention time. */
export function createRetentionStore(options: { database: Kysely<Tables> }) {
  const { database } = options;
  return {
    /**
     * Removes chats in which nothing was said since a time, with all that hangs on them, and the unanswered questions
     * that were asked before it. A chat that is still written in stays whole, because its answers build on each other.
     * @returns how many chats went
     */
    async removeChats(before: string): Promise<number> {
      return database.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('unansweredQuestions').where('createdAt', '<', before).execute();
        const removed = await transaction
          .deleteFrom('chats')
          .where('updatedAt', '<', before)
          .where('id', 'not in', (eb) =>
            eb.selectFrom('turns').select('chatId').where('status', '=', 'generating'),
          )
          .executeTakeFirst();
        return Number(removed.numDeletedRows);
      });
    },

    /** Removes what was used before a time. @returns how many rows went */
    async removeUsage(before: string): Promise<number> {
      const removed = await database
        .deleteFrom('tokenUsage')
        .where('createdAt', '<', before)
        .executeTakeFirst();
      return Number(removed.numDeletedRows);
    },
  };
}
