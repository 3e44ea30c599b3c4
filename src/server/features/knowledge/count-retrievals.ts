import type { Kysely } from 'kysely';

import type { Tables } from '../../database/tables.ts';

const FLUSH_MS = 1_000;
const MAXIMUM_WAITING = 10_000;

/**
 * Counts how often documents were cited and how well they supported the answers. Counts are gathered and written once
 * a second in one transaction; a crash loses at most that second of statistics, never an answer.
 */
export function createRetrievalCounter(options: {
  database: Kysely<Tables>;
  onError: (error: unknown) => void;
}) {
  const { database, onError } = options;
  let waiting = new Map<number, { count: number; support: number }>();
  let timer: NodeJS.Timeout | undefined;

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const counts = waiting;
    waiting = new Map();
    if (counts.size === 0) return;
    await database.transaction().execute(async (transaction) => {
      for (const [id, { count, support }] of counts) {
        await transaction
          .updateTable('documents')
          .set((eb) => ({
            retrievalCount: eb('retrievalCount', '+', count),
            relevanceSum: eb('relevanceSum', '+', support),
          }))
          .where('id', '=', id)
          .execute();
      }
    });
  }

  return {
    /** @param supports the best support (0 to 1) that each cited document gave to one answer */
    add(supports: ReadonlyMap<number, number>): void {
      for (const [id, support] of supports) {
        const known = waiting.get(id);
        if (!known && waiting.size >= MAXIMUM_WAITING) continue;
        waiting.set(id, { count: (known?.count ?? 0) + 1, support: (known?.support ?? 0) + support });
      }
      timer ??= setTimeout(() => {
        flush().catch(onError);
      }, FLUSH_MS).unref();
    },
    flush,
  };
}
