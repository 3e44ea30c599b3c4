import { type Kysely, sql } from 'kysely';
import { z } from 'zod';

import type { Tables } from '../../database/tables.ts';
import { problemResponses } from '../../http/add-openapi.ts';
import { userIdOf } from '../../http/authenticate.ts';
import type { App } from '../../http/http-app.ts';

const MICROS = 1_000_000;
const DAYS = 90;
const daySchema = z.object({
  day: z.string(),
  model: z.string(),
  answers: z.int(),
  prompt_tokens: z.int(),
  cached_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
  cost_usd: z.number(),
});
const usageSchema = z.object({ total_tokens: z.int(), cost_usd: z.number(), days: z.array(daySchema) });
const statisticsSchema = z.object({
  users: z.int(),
  chats: z.int(),
  messages: z.int(),
  documents: z.int(),
  passages: z.int(),
  unanswered: z.int(),
  total_tokens: z.int(),
  cost_usd: z.number(),
});

/** Tokens and cost by day and model: own ones for users, counts of everything for admins. */
export function registerUsage(app: App, dependencies: { database: Kysely<Tables>; now: () => Date }): void {
  const { database, now } = dependencies;
  app.get(
    '/api/v1/usage',
    {
      schema: {
        tags: ['usage'],
        summary: 'Own tokens and cost by day and model',
        response: { 200: usageSchema, ...problemResponses },
      },
    },
    async (request) => summarise(await readDays(userIdOf(request.caller))),
  );
  app.get(
    '/api/v1/admin/stats',
    {
      schema: {
        tags: ['usage'],
        summary: 'Counts of the installation',
        response: { 200: statisticsSchema, ...problemResponses },
      },
    },
    async () => {
      const { total_tokens, cost_usd } = summarise(await readDays());
      return {
        users: await countRows('users'),
        chats: await countRows('chats'),
        messages: await countRows('messages'),
        documents: await countRows('documents'),
        passages: await countRows('passages'),
        unanswered: await countRows('unansweredQuestions'),
        total_tokens,
        cost_usd,
      };
    },
  );

  async function readDays(userId?: number) {
    const since = new Date(now().getTime() - DAYS * 86_400_000).toISOString();
    let query = database.selectFrom('tokenUsage').where('createdAt', '>=', since);
    if (userId !== undefined) query = query.where('userId', '=', userId);
    const day = sql<string>`substr(created_at, 1, 10)`;
    const rows = await query
      .select([day.as('day'), 'model'])
      .select((eb) => [
        eb.fn.count('messageId').distinct().as('answers'),
        eb.fn.sum('promptTokens').as('promptTokens'),
        eb.fn.sum('cachedTokens').as('cachedTokens'),
        eb.fn.sum('completionTokens').as('completionTokens'),
        eb.fn.sum('costMicros').as('costMicros'),
      ])
      .groupBy([day, 'model'])
      .orderBy(day, 'desc')
      .execute();
    return rows.map((row) => ({
      day: row.day,
      model: row.model,
      answers: Number(row.answers),
      prompt_tokens: Number(row.promptTokens),
      cached_tokens: Number(row.cachedTokens),
      completion_tokens: Number(row.completionTokens),
      total_tokens: Number(row.promptTokens) + Number(row.completionTokens),
      cost_usd: Number(row.costMicros) / MICROS,
    }));
  }

  async function countRows(
    table: 'users' | 'chats' | 'messages' | 'documents' | 'passages' | 'unansweredQuestions',
  ): Promise<number> {
    const base = database.selectFrom(table).select((eb) => eb.fn.countAll().as('count'));
    const query = table === 'documents' ? base.where(sql<boolean>`deleted_at is null`) : base;
    return Number((await query.executeTakeFirstOrThrow()).count);
  }
}

function summarise(days: z.infer<typeof daySchema>[]): z.infer<typeof usageSchema> {
  return {
    total_tokens: days.reduce((sum, day) => sum + day.total_tokens, 0),
    cost_usd: days.reduce((sum, day) => sum + day.cost_usd, 0),
    days,
  };
}
