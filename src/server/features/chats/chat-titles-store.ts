import type { Kysely } from 'kysely';

import type { Tables } from '../../database/tables.ts';
import type { StepUsage } from '../../pipeline/turn.ts';

/** A chat whose title is still the one it began with. */
export type UntitledChat = {
  chatId: number;
  userId: number;
  personaId: string;
  title: string;
  question: string;
};

/** Titles that are written after the fact. */
export function createChatTitlesStore(options: { database: Kysely<Tables>; now: () => Date }) {
  const { database, now } = options;
  return {
    /** The chat of an answer to its first question, unless its owner has named it. */
    async findUntitled(answerId: number): Promise<UntitledChat | undefined> {
      return database
        .selectFrom('messages as a')
        .innerJoin('messages as q', 'q.id', 'a.parentId')
        .innerJoin('chats as c', 'c.id', 'a.chatId')
        .where('a.id', '=', answerId)
        .where('q.parentId', 'is', null)
        .where('c.isTitleSet', '=', 0)
        .select(['c.id as chatId', 'c.userId', 'c.personaId', 'c.title', 'q.content as question'])
        .executeTakeFirst();
    },
    /** Sets the title if nobody has changed it meanwhile, and books what writing it used. */
    async setTitle(
      chat: UntitledChat,
      written: { title: string | undefined; answerId: number; usage: StepUsage | undefined },
    ): Promise<void> {
      const { title, answerId, usage } = written;
      await database.transaction().execute(async (transaction) => {
        const time = now().toISOString();
        if (title !== undefined)
          await transaction
            .updateTable('chats')
            .set({ title })
            .where('id', '=', chat.chatId)
            .where('isTitleSet', '=', 0)
            .where('title', '=', chat.title)
            .execute();
        if (!usage) return;
        await transaction
          .insertInto('tokenUsage')
          .values({
            userId: chat.userId,
            messageId: answerId,
            personaId: chat.personaId,
            model: usage.model,
            promptTokens: usage.usage.promptTokens,
            cachedTokens: usage.usage.cachedTokens,
            completionTokens: usage.usage.completionTokens,
            costMicros: usage.costMicros,
            isReported: usage.usage.isReported ? 1 : 0,
            createdAt: time,
          })
          .execute();
        await transaction
          .updateTable('chats')
          .set((eb) => ({ costMicros: eb('costMicros', '+', usage.costMicros) }))
          .where('id', '=', chat.chatId)
          .execute();
      });
    },
  };
}

export type ChatTitlesStore = ReturnType<typeof createChatTitlesStore>;
