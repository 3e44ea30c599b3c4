import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';

import { buildTestApp, type TestApp } from '../../../../../test/build-app.ts';
import { buildUser, testPassword } from '../../../../../test/factories.ts';
import { personalTables } from './personal-tables.ts';

/** Columns that lead to a user, directly or through a chat. */
const LINKS = /^(user_id|created_by|used_by|uploaded_by|chat_id|message_id|turn_id)$/;
const canary = (what: string) => `canary-${what}-${'x'.repeat(20)}`;

/** A row in every personal table, each with words that occur nowhere else. */
async function fillTables(test: TestApp, options: { userId: number; mark: string }): Promise<string[]> {
  const { userId, mark } = options;
  const { database } = test;
  const words: string[] = [];
  const word = (what: string) => {
    words.push(canary(`${mark}-${what}`));
    return canary(`${mark}-${what}`);
  };
  const at = test.clock.now().toISOString();
  const [chat] = await database
    .insertInto('chats')
    .values({
      userId,
      personaId: 'herman',
      title: word('title'),
      isTitleSet: 1,
      isPinned: 0,
      isArchived: 0,
      headMessageId: null,
      tokensUsed: 1,
      costMicros: 1,
      createdAt: at,
      updatedAt: at,
    })
    .returning('id')
    .execute();
  const chatId = chat?.id ?? 0;
  const [message] = (
    await sql<{ id: number }>`insert into messages (chat_id, role, content, status, created_at)
      values (${chatId}, 'assistant', ${`${word('content')} ${'long '.repeat(3_000)}`}, 'complete', ${at}) returning id`.execute(
      database,
    )
  ).rows;
  const messageId = message?.id ?? 0;
  const run = (statement: ReturnType<typeof sql>) => statement.execute(database);
  await run(sql`insert into turns (id, chat_id, user_id, question_id, owner, lease_until, status, created_at)
    values (${messageId}, ${chatId}, ${userId}, ${messageId}, ${word('owner')}, ${at}, 'ended', ${at})`);
  await run(sql`insert into turn_events values (${messageId}, 1, ${word('event')}, ${at})`);
  await run(
    sql`insert into receipts (turn_id, content, created_at) values (${messageId}, ${word('receipt')}, ${at})`,
  );
  await run(sql`insert into citations (message_id, marker, start_offset, end_offset, document_id, version, passage_id, locator, quote, support)
    values (${messageId}, 1, 0, 1, 1, 1, 1, '{}', ${word('quote')}, 1)`);
  await run(sql`insert into feedback (message_id, user_id, rating, comment, created_at)
    values (${messageId}, ${userId}, 'up', ${word('comment')}, ${at})`);
  await run(sql`insert into token_usage (user_id, message_id, persona_id, model, prompt_tokens, cached_tokens, completion_tokens, cost_micros, is_reported, created_at)
    values (${userId}, ${messageId}, 'herman', ${word('model')}, 1, 0, 1, 1, 1, ${at})`);
  await run(sql`insert into unanswered_questions (persona_id, question, message_id, score, status, created_at)
    values ('herman', ${word('question')}, ${messageId}, 0, 'open', ${at})`);
  await run(sql`insert into idempotency_keys (user_id, route, key, request_hash, response, created_at)
    values (${userId}, 'POST /chat', 'k', 'h', ${word('response')}, ${at})`);
  await run(sql`insert into invitations (token_hash, email, role, used_by, created_at, expires_at)
    values (${`${userId}`}, ${word('invited')}, 'user', ${userId}, ${at}, ${at})`);
  await run(sql`insert into mail_tokens (user_id, purpose, token_hash, email, created_at, expires_at)
    values (${userId}, 'verify-email', ${`hidden-${userId}`}, ${word('mailed')}, ${at}, ${at})`);
  await run(sql`insert into external_identities (user_id, issuer, subject, created_at)
    values (${userId}, 'https://id.example', ${word('subject')}, ${at})`);
  await run(sql`insert into memories (user_id, persona_id, text, created_at, updated_at)
    values (${userId}, 'herman', ${word('memory')}, ${at}, ${at})`);
  await run(sql`insert into memory_consents values (${userId}, 'herman', ${at})`);
  await run(
    sql`insert into second_factors (user_id, secret, created_at) values (${userId}, ${`hidden-secret-${userId}`}, ${at})`,
  );
  await run(sql`insert into recovery_codes (user_id, code_hash) values (${userId}, 'hidden-code')`);
  await run(sql`insert into jobs (kind, payload, status, max_attempts, run_after, created_by, created_at, updated_at)
    values ('none', '{}', 'completed', 1, ${at}, ${userId}, ${at}, ${at})`);
  await test.accounts.apiKeys.create({ userId, role: 'user', name: word('key') });
  return words;
}

function readAll(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

describe('what is held about a user', () => {
  it('should be in a list that knows every table with a link to one', async () => {
    const { database } = await buildTestApp();
    const { rows } = await sql<{ table: string; column: string }>`
      select m.name as "table", c.name as "column" from sqlite_master m, pragma_table_info(m.name) c
      where m.type = 'table'`.execute(database);
    const linked = new Set(rows.filter(({ column }) => LINKS.test(column)).map(({ table }) => table));
    const listed = Object.keys(personalTables).map((name) =>
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    );
    expect([...linked].toSorted()).toEqual(listed.toSorted());
  });

  it('should be exported whole, without secrets and without others', async () => {
    const test = await buildTestApp();
    const ada = await buildUser(test);
    const bob = await buildUser(test);
    const words = await fillTables(test, { userId: ada.user.id, mark: 'ada' });
    await fillTables(test, { userId: bob.user.id, mark: 'bob' });
    const response = await test.app.inject({ url: '/api/v1/auth/me/export', headers: ada.headers });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-disposition']).toContain('attachment');
    for (const word of [...words, ada.user.username, ada.user.email ?? ''])
      expect(response.body).toContain(word);
    expect(response.body).not.toMatch(/bob|hidden-|argon2|token_hash|key_hash/);
    const { tables } = response.json() as { tables: Record<string, unknown[]> };
    const empty = Object.entries(tables).filter(([, rows]) => rows.length === 0);
    expect(empty.map(([name]) => name)).toEqual(['documents', 'audit_log']);
  });

  it('should not be given to an API key or without credentials', async () => {
    const test = await buildTestApp();
    const { user } = await buildUser(test);
    const { key } = await test.accounts.apiKeys.create({ userId: user.id, role: 'user', name: 'cli' });
    const get = (headers: Record<string, string>) => test.app.inject({ url: '/api/v1/me/export', headers });
    expect((await get({ authorization: `Bearer ${key}` })).statusCode).toBe(403);
    expect((await get({})).statusCode).toBe(401);
  });

  it('should be erased from every file, and of nobody else', async () => {
    const test = await buildTestApp();
    const ada = await buildUser(test, { username: canary('name'), email: 'canary-mail@example.org' });
    const bob = await buildUser(test);
    const words = await fillTables(test, { userId: ada.user.id, mark: 'ada' });
    const kept = await fillTables(test, { userId: bob.user.id, mark: 'bob' });
    await test.app.inject({
      method: 'POST',
      url: '/api/v1/auth/token',
      payload: { username: ada.user.username, password: testPassword },
      headers: { 'user-agent': canary('agent') },
    });
    words.push(canary('name'), 'canary-mail', canary('agent'));
    const before = readAll(test.folder);
    for (const word of words) expect(before).toContain(word);
    const response = await test.app.inject({ method: 'DELETE', url: '/api/v1/me', headers: ada.headers });
    expect(response.statusCode).toBe(204);
    const after = readAll(test.folder);
    expect(words.filter((word) => after.includes(word))).toEqual([]);
    expect(kept.filter((word) => !after.includes(word))).toEqual([]);
    const { rows } = await sql`pragma foreign_key_check`.execute(test.database);
    expect(rows).toEqual([]);
  });
});
