import { type Kysely, type Selectable, sql } from 'kysely';

import type {
  ChatsTable,
  CitationsTable,
  FeedbackTable,
  MessagesTable,
  Tables,
} from '../../database/tables.ts';

export type ChatRecord = Selectable<ChatsTable>;
export type MessageRecord = Selectable<MessagesTable> & { citations: Selectable<CitationsTable>[] };

export type ChatFilter = {
  userId: number;
  query?: string;
  personaId?: string;
  page: number;
  perPage: number;
};

/** Chats and their message trees, always of one owner. */
export function createChatStore(options: { database: Kysely<Tables>; now: () => Date }) {
  const { database, now } = options;

  async function withCitations(messages: Selectable<MessagesTable>[]): Promise<MessageRecord[]> {
    const answerIds = messages.filter((message) => message.role === 'assistant').map((message) => message.id);
    if (answerIds.length === 0) return messages.map((message) => ({ ...message, citations: [] }));
    const rows = await database
      .selectFrom('citations')
      .selectAll()
      .where('messageId', 'in', answerIds)
      .orderBy('id')
      .execute();
    const byMessage = Map.groupBy(rows, (row) => row.messageId);
    return messages.map((message) => ({ ...message, citations: byMessage.get(message.id) ?? [] }));
  }

  return {
    async list(filter: ChatFilter): Promise<{ chats: ChatRecord[]; total: number }> {
      let query = database.selectFrom('chats').where('userId', '=', filter.userId);
      if (filter.personaId) query = query.where('personaId', '=', filter.personaId);
      if (filter.query) {
        const pattern = `%${filter.query.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
        query = query.where((eb) =>
          eb.or([
            sql<boolean>`lower(title) like lower(${pattern}) escape '\\'`,
            eb.exists(
              eb
                .selectFrom('messages as m')
                .whereRef('m.chatId', '=', 'chats.id')
                .where(sql<boolean>`lower(m.content) like lower(${pattern}) escape '\\'`)
                .select('m.id'),
            ),
          ]),
        );
      }
      const { count } = await query.select(sql<number>`count(*)`.as('count')).executeTakeFirstOrThrow();
      const chats = await query
        .selectAll()
        .orderBy('isPinned', 'desc')
        .orderBy('updatedAt', 'desc')
        .orderBy('id', 'desc')
        .limit(filter.perPage)
        .offset((filter.page - 1) * filter.perPage)
        .execute();
      return { chats, total: Number(count) };
    },
    async find(id: number, userId: number): Promise<ChatRecord | undefined> {
      return database
        .selectFrom('chats')
        .selectAll()
        .where('id', '=', id)
        .where('userId', '=', userId)
        .executeTakeFirst();
    },
    async insert(values: {
      userId: number;
      personaId: string;
      title: string;
      isTitleSet: boolean;
    }): Promise<ChatRecord> {
      const time = now().toISOString();
      return database
        .insertInto('chats')
        .values({
          userId: values.userId,
          personaId: values.personaId,
          title: values.title,
          isTitleSet: values.isTitleSet ? 1 : 0,
          isPinned: 0,
          isArchived: 0,
          tokensUsed: 0,
          costMicros: 0,
          createdAt: time,
          updatedAt: time,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
    },
    async update(
      id: number,
      values: Partial<Pick<ChatRecord, 'title' | 'isTitleSet' | 'isPinned' | 'isArchived'>>,
    ): Promise<ChatRecord> {
      return database
        .updateTable('chats')
        .set({ ...values, updatedAt: now().toISOString() })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow();
    },
    async remove(id: number): Promise<void> {
      await database.deleteFrom('chats').where('id', '=', id).execute();
    },
    /** All messages of a chat, oldest first. */
    async listMessages(chatId: number): Promise<MessageRecord[]> {
      return withCitations(
        await database
          .selectFrom('messages')
          .selectAll()
          .where('chatId', '=', chatId)
          .orderBy('id')
          .execute(),
      );
    },
    /** A message of one of the user's chats. */
    async findMessage(id: number, userId: number): Promise<MessageRecord | undefined> {
      const row = await database
        .selectFrom('messages as m')
        .innerJoin('chats as c', 'c.id', 'm.chatId')
        .where('m.id', '=', id)
        .where('c.userId', '=', userId)
        .selectAll('m')
        .executeTakeFirst();
      return row ? (await withCitations([row]))[0] : undefined;
    },
    async putFeedback(
      values: Omit<FeedbackTable, 'createdAt'> | { messageId: number; userId: number; rating: null },
    ): Promise<void> {
      if (values.rating === null) {
        await database
          .deleteFrom('feedback')
          .where('messageId', '=', values.messageId)
          .where('userId', '=', values.userId)
          .execute();
        return;
      }
      const row = { ...values, createdAt: now().toISOString() };
      await database
        .insertInto('feedback')
        .values(row)
        .onConflict((conflict) =>
          conflict
            .columns(['messageId', 'userId'])
            .doUpdateSet({ rating: row.rating, reason: row.reason, comment: row.comment }),
        )
        .execute();
    },
  };
}

export type ChatStore = ReturnType<typeof createChatStore>;

/**
 * The branch that ends in `headId`, oldest first.
 * @param messages all messages of the chat
 */
export function branchOf<Row extends { id: number; parentId: number | null }>(
  messages: readonly Row[],
  headId: number | null,
): Row[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const branch: Row[] = [];
  // Parents have smaller ids, so that a damaged row cannot make this loop for ever.
  for (let current = headId === null ? undefined : byId.get(headId); current;) {
    branch.push(current);
    const parent: Row | undefined = current.parentId === null ? undefined : byId.get(current.parentId);
    current = parent && parent.id < current.id ? parent : undefined;
  }
  return branch.reverse();
}
