import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Document, Job } from '../../src/shared/documents.ts';
import type { Message } from '../../src/shared/messages.ts';
import { buildUpload } from '../build-upload.ts';
import { buildWholeApp, openWholeApp, type WholeApp } from '../build-whole-app.ts';

const ask = '/api/v1/chat/chat';
let whole: WholeApp;

beforeAll(async () => {
  whole = await openWholeApp({ withSample: true });
});
afterAll(() => whole.close());

const curator = () => whole.as('curator');
const add = async (fields: { namespace: string; title: string; content: string }) => {
  const response = await curator().post('/api/v1/documents/', fields);
  expect(response.statusCode).toBe(201);
  return response.json<Document>();
};
const askAs = async (role: 'guest' | 'user' | 'curator', body: object) =>
  (await whole.as(role).post(ask, body)).json<Message>();
const search = async (role: 'user' | 'curator', body: object) =>
  (await whole.as(role).post('/api/v1/documents/search', body)).json<
    { document: Document; passage: { text: string }; score: number }[]
  >();

describe('a document', () => {
  it('should answer in its old words until its new ones are indexed, and old citations still open', async () => {
    const document = await add({
      namespace: 'bells',
      title: 'The weight of the tower clock',
      content: 'The clock of the north tower weighs ninety kilograms.',
    });
    expect(document).toMatchObject({ status: 'indexed', version: 1, passage_count: 1 });
    const question = 'How much does the clock of the north tower weigh?';
    const before = await askAs('user', { content: question });
    expect(before.content).toContain('ninety');
    const content = 'The clock of the north tower weighs seventy-five kilograms.';
    const changed = (await curator().put(`/api/v1/documents/${document.id}`, { content })).json<Document>();
    expect(changed).toMatchObject({ version: 2, status: 'indexed', content });
    const after = await askAs('user', { content: question });
    expect(after.content).toContain('seventy-five');
    expect(after.content).not.toContain('ninety');
    expect(after.sources).toMatchObject([{ version: 2 }]);

    const chat = (await whole.as('user').get(`/api/v1/chat/chats/${before.chat_id}`)).json<{
      messages: Message[];
    }>();
    const [source] = chat.messages[1]?.sources ?? [];
    expect(source).toMatchObject({
      document_id: document.id,
      version: 1,
      quote: expect.stringContaining('ninety'),
    });
    expect((await whole.as('user').get(`/api/v1/documents/${source?.document_id}`)).statusCode).toBe(200);
    const same = (await curator().put(`/api/v1/documents/${document.id}`, { content })).json<Document>();
    expect(same.version).toBe(2);
  });

  it('should go on answering from its last good version when a new one fails', async () => {
    const document = await add({
      namespace: 'bells',
      title: 'The rope of the bell',
      content: 'The rope of the evening bell is made of hemp.',
    });
    const url = `/api/v1/documents/${document.id}`;
    const response = await curator().put(url, { title: 'Worse', content: '   \n' });
    expect(response.json()).toMatchObject({ status: 422, code: 'document_empty' });
    expect((await curator().get(url)).json()).toMatchObject({ title: 'The rope of the bell', error: null });
    await curator().put(url, { content: '<!-- nothing to read -->' });
    const shown = (await curator().get(url)).json<Document>();
    expect(shown).toMatchObject({ status: 'indexed', version: 1, error: expect.any(String) });
    expect(
      (await askAs('user', { content: 'What is the rope of the evening bell made of?' })).content,
    ).toContain('hemp');
    const status = await curator().get(`/api/v1/documents/${document.id}/status`);
    expect(status.json()).toMatchObject({ status: 'indexed', passages_created: 1, progress: 1 });
  });

  it('should be counted by a dry run, and be gone at once when it is deleted', async () => {
    const document = await add({
      namespace: 'tea',
      title: 'A note about saffron',
      content: 'Saffron threads belong into lukewarm milk before they meet the tea.',
    });
    const answer = await askAs('user', { content: 'Where do saffron threads belong?' });
    expect(answer.sources).toHaveLength(1);
    const url = `/api/v1/documents/${document.id}`;
    const counted = await curator().delete(`${url}?dry_run=true`);
    expect(counted).toMatchObject({ statusCode: 200 });
    expect(counted.json()).toEqual({ documents: 1, passages: 1, versions: 1 });
    expect((await curator().get(url)).statusCode).toBe(200);
    expect((await curator().delete(url)).statusCode).toBe(204);
    for (const path of ['', '/passages', '/file', '/status'])
      expect((await curator().get(`${url}${path}`)).statusCode).toBe(404);
    expect((await curator().delete(url)).statusCode).toBe(404);
    expect(await search('user', { query: 'saffron threads' })).toEqual([]);
    expect((await askAs('user', { content: 'Where do saffron threads belong?' })).sources).toEqual([]);
    const kept = (await whole.as('user').get(`/api/v1/chat/chats/${answer.chat_id}`)).json<{
      messages: Message[];
    }>();
    expect(kept.messages[1]?.sources).toMatchObject([{ quote: expect.stringContaining('Saffron') }]);
    const again = await add({
      namespace: 'tea',
      title: 'Again',
      content: 'Saffron threads belong into lukewarm milk before they meet the tea.',
    });
    expect(again.id).not.toBe(document.id);
  });

  it('should be found by its title, details and status, page by page', async () => {
    const document = await add({
      namespace: 'tea',
      title: 'Über Öfen',
      content: 'An iron stove keeps the kettle warm.',
    });
    const details = {
      author: 'Änne',
      tags: ['stove'],
      source_url: 'https://example.org/stove',
      title: 'Über alte Öfen',
    };
    const changed = (await curator().put(`/api/v1/documents/${document.id}`, details)).json<Document>();
    expect(changed).toMatchObject({ ...details, version: 1, status: 'indexed' });
    for (const q of ['Über', 'alte', 'ÖFEN'.toLowerCase().replace('öfen', 'Öfen')]) {
      const found = await curator().get(`/api/v1/documents/?q=${encodeURIComponent(q)}`);
      expect(found.json<Document[]>().map(({ id }) => id)).toContain(document.id);
    }
    const all = await curator().get('/api/v1/documents/?namespace=tea&limit=1000');
    const page = await curator().get('/api/v1/documents/?namespace=tea&skip=1&limit=1');
    expect(page.json<Document[]>()).toEqual(all.json<Document[]>().slice(1, 2));
    expect(page.headers['x-total-count']).toBe(String(all.json<Document[]>().length));
    expect((await curator().get('/api/v1/documents/?q=%25')).json()).toEqual([]);
    const moved = await curator().put(`/api/v1/documents/${document.id}`, { namespace: 'bells' });
    expect(moved.statusCode).toBe(422);
  });
});

describe('DELETE /api/v1/documents/all', () => {
  it('should need a confirmation, keep to a namespace, and leave nothing searchable', async () => {
    const own = await buildWholeApp({ withSample: true });
    const admin = own.as('admin');
    const url = '/api/v1/documents/all';
    expect((await own.as('curator').delete(`${url}?confirm=true`)).statusCode).toBe(403);
    for (const query of ['', '?confirm=false', '?confirm=1']) {
      const response = await admin.delete(`${url}${query}`);
      expect(response.json()).toMatchObject({ status: 400, code: 'confirmation_required' });
    }
    expect((await admin.delete(`${url}?confirm=true&namespace=tea`)).json()).toEqual({ deleted: 1 });
    const left = (await admin.get('/api/v1/documents/')).json<Document[]>();
    expect(left.map((document) => document.namespace)).toEqual(['bells']);
    expect((await admin.delete(`${url}?confirm=true`)).json()).toEqual({ deleted: 1 });
    expect((await admin.get('/api/v1/documents/')).json()).toEqual([]);
    const database = new DatabaseSync(join(own.folder, 'app.db'), { readOnly: true });
    expect(database.prepare('select count(*) n from passages').get()).toEqual({ n: 0 });
    database.close();
    const answer = await own.as('user').post(ask, { content: 'When does the bell of the gatehouse ring?' });
    expect(answer.json()).toMatchObject({ status: 'complete', sources: [] });
    // The sample is loaded once in the life of an installation.
    expect(await own.wwhd.loadSample()).toBe(0);
  });
});

describe('namespaces', () => {
  it('should be created, changed, filled and removed when empty', async () => {
    const created = await curator().post('/api/v1/namespaces', { name: 'cups', title: 'Cups' });
    expect(created.statusCode).toBe(201);
    expect(created.json()).toMatchObject({
      name: 'cups',
      persona: 'tester',
      visibility: 'public',
      document_count: 0,
    });
    expect((await curator().post('/api/v1/namespaces', { name: 'cups', title: 'Cups' })).statusCode).toBe(
      409,
    );
    expect((await curator().post('/api/v1/namespaces', { name: 'Bad Name', title: 'B' })).statusCode).toBe(
      422,
    );
    const changed = await curator().patch('/api/v1/namespaces/cups', {
      title: 'Tea cups',
      visibility: 'users',
    });
    expect(changed.json()).toMatchObject({ title: 'Tea cups', visibility: 'users' });
    const document = await add({ namespace: 'cups', title: 'Cups', content: 'Thin cups are for white tea.' });
    const listed = (await curator().get('/api/v1/documents/namespaces')).json<{ name: string }[]>();
    expect(listed.find(({ name }) => name === 'cups')).toMatchObject({ document_count: 1, passage_count: 1 });
    expect((await curator().delete('/api/v1/namespaces/cups')).statusCode).toBe(409);
    await curator().delete(`/api/v1/documents/${document.id}`);
    expect((await curator().delete('/api/v1/namespaces/cups')).statusCode).toBe(204);
    expect((await curator().delete('/api/v1/namespaces/cups')).statusCode).toBe(404);
    expect((await curator().delete('/api/v1/namespaces/tea')).statusCode).toBe(409);
  });
});

describe('walls', () => {
  it('should keep a persona from the knowledge of another, and guests from what is not theirs', async () => {
    const secret = 'The silver key of the vault hangs behind the third painting.';
    const document = await add({ namespace: 'vault', title: 'The vault', content: secret });
    const question = 'Where does the silver key of the vault hang?';
    const keeper = await askAs('user', { content: question, persona: 'keeper' });
    expect(keeper.content).toContain('third painting');
    const tester = await askAs('user', { content: question });
    expect(tester.content).not.toContain('painting');
    expect(tester.sources).toEqual([]);
    const receipt = (await curator().get(`/api/v1/chat/turns/${tester.id}/receipt`)).body;
    expect(receipt).not.toContain('painting');
    const crossed = await whole.as('user').post(ask, { content: question, namespace: 'vault' });
    expect(crossed.statusCode).toBe(422);

    const guest = whole.as('guest');
    expect((await guest.post(ask, { content: question, persona: 'keeper' })).statusCode).toBe(404);
    expect((await guest.get('/api/v1/personas/keeper')).statusCode).toBe(404);
    expect((await whole.app.inject('/api/v1/personas')).json()).toMatchObject([{ id: 'tester' }]);
    expect((await whole.as('user').get('/api/v1/personas/keeper')).statusCode).toBe(200);
    for (const path of ['', '/file', '/passages'])
      expect((await guest.get(`/api/v1/documents/${document.id}${path}`)).statusCode).toBe(404);
    expect((await guest.get('/api/v1/documents/')).body).not.toContain('vault');
    expect((await guest.get('/api/v1/documents/namespaces')).body).not.toContain('vault');
  });

  it('should hide what only users or curators may read, in answers, lists and searches', async () => {
    await curator().post('/api/v1/namespaces', { name: 'drafts', title: 'Drafts', visibility: 'curators' });
    await add({
      namespace: 'drafts',
      title: 'Draft',
      content: 'The purple samovar arrives on the ninth of May.',
    });
    const question = 'When does the purple samovar arrive?';
    expect((await askAs('curator', { content: question })).content).toContain('ninth of May');
    for (const role of ['guest', 'user'] as const)
      expect((await askAs(role, { content: question })).content).not.toContain('ninth of May');
    expect(await search('user', { query: 'purple samovar' })).toEqual([]);
    expect(await search('curator', { query: 'purple samovar' })).toMatchObject([
      { document: { title: 'Draft' } },
    ]);
    await curator().patch('/api/v1/namespaces/drafts', { visibility: 'users' });
    expect((await askAs('user', { content: question })).content).toContain('ninth of May');
    expect((await askAs('guest', { content: question })).content).not.toContain('ninth of May');
  });
});

describe('search', () => {
  it('should rank what fits best first, within its limits', async () => {
    const found = await search('user', { query: 'steep green tea', limit: 5 });
    expect(found[0]?.document.title).toBe('Brewing green tea');
    expect(found.map(({ score }) => score)).toEqual(
      found.map(({ score }) => score).toSorted((left, right) => right - left),
    );
    expect(await search('user', { query: 'steep green tea', limit: 1 })).toHaveLength(1);
    expect(await search('user', { query: 'steep green tea', namespace: 'bells' })).toEqual([]);
    expect(await search('user', { query: 'zeppelin' })).toEqual([]);
    for (const body of [
      {},
      { query: '' },
      { query: 'x', limit: 51 },
      { query: 'x', min_score: 2 },
      { query: 'x', namespace: 'no' },
    ])
      expect((await whole.as('user').post('/api/v1/documents/search', body)).statusCode).toBe(422);
    expect((await whole.as('guest').post('/api/v1/documents/search', { query: 'tea' })).statusCode).toBe(401);
  });
});

describe('jobs', () => {
  it('should show their progress, and be retried only when they failed', async () => {
    const upload = await buildUpload({
      fileName: 'cut.pdf',
      content: '%PDF-1.7\nnothing',
      fields: { namespace: 'tea' },
    });
    const failed = (
      await curator().send({ method: 'POST', url: '/api/v1/documents/upload', ...upload })
    ).json<Document>();
    expect(failed).toMatchObject({ status: 'failed', error_code: 'document_unreadable' });
    const url = `/api/v1/jobs/${failed.job_id}`;
    expect((await curator().get(url)).json()).toMatchObject({
      status: 'failed',
      document_id: failed.id,
      attempts: 1,
    });
    expect((await curator().delete(url)).statusCode).toBe(409);
    const retried = await curator().post(`${url}/retry`);
    expect(retried.statusCode).toBe(202);
    await whole.wwhd.whenIngested();
    expect((await curator().get(url)).json()).toMatchObject({ status: 'failed' });
    const events = await curator().get(`${url}/events`);
    expect(events.body).toMatch(/^data: \{.*"status":"failed".*\}\n\n$/);
    const reindexed = (await curator().post('/api/v1/documents/1/reindex')).json<Job>();
    await whole.wwhd.whenIngested();
    expect((await curator().get(`/api/v1/jobs/${reindexed.id}`)).json()).toMatchObject({
      status: 'completed',
      progress: 1,
    });
    expect((await curator().post(`/api/v1/jobs/${reindexed.id}/retry`)).statusCode).toBe(409);
    const list = (await curator().get('/api/v1/jobs?status=failed&limit=1')).json<Job[]>();
    expect(list).toHaveLength(1);
    expect((await curator().get('/api/v1/jobs/999999')).statusCode).toBe(404);
  });
});

describe('chats', () => {
  it('should be renamed, rated, exported, found and deleted', async () => {
    const owner = whole.as('user', 'keeper-of-chats');
    const answer = (
      await owner.post(ask, { content: 'How long do I steep green tea? Ährlich!' })
    ).json<Message>();
    const url = `/api/v1/chat/chats/${answer.chat_id}`;
    const patched = await owner.patch(url, { title: 'Über Tee', pinned: true, archived: true });
    expect(patched.json()).toMatchObject({ title: 'Über Tee', pinned: true, archived: true });
    for (const q of ['Über', 'steep', 'Ährlich', '%'])
      expect((await owner.get(`/api/v1/chat/chats?q=${encodeURIComponent(q)}`)).json()).toMatchObject({
        total: q === '%' ? 0 : 1,
      });
    const feedback = { rating: 'down', reason: 'wrong', comment: 'Too short.' };
    const rate = (rating: object, id = answer.id) =>
      owner.put(`/api/v1/chat/messages/${id}/feedback`, rating);
    expect((await rate(feedback)).json()).toEqual(feedback);
    expect((await rate({ rating: null })).json()).toEqual({ rating: null, reason: null, comment: null });
    expect((await rate({ rating: 'great' })).statusCode).toBe(422);
    expect((await rate({ rating: 'up' }, answer.parent_id ?? 0)).statusCode).toBe(409);
    const markdown = await owner.get(`${url}/export`);
    expect(markdown.headers['content-type']).toContain('text/markdown');
    expect(markdown.body).toContain('# Über Tee');
    expect(markdown.body).toContain('1. Brewing green tea');
    expect((await owner.get(`${url}/export?format=json`)).json()).toMatchObject({ id: answer.chat_id });
    expect((await owner.delete(url)).statusCode).toBe(204);
    expect((await owner.get(url)).statusCode).toBe(404);
    expect((await owner.get(`/api/v1/chat/turns/${answer.id}/events`)).statusCode).toBe(404);
  });

  it('should keep the branches of an edited question', async () => {
    const owner = whole.as('user', 'editor');
    const first = (await owner.post(ask, { content: 'Hello' })).json<Message>();
    const edited = (
      await owner.post(`/api/v1/chat/messages/${first.parent_id}/edit`, { content: 'Thank you' })
    ).json<Message>();
    expect(edited.chat_id).toBe(first.chat_id);
    const url = `/api/v1/chat/chats/${first.chat_id}/messages`;
    const shown = (await owner.get(url)).json<{ messages: Message[] }>().messages;
    expect(shown.map((message) => message.content)).toEqual(['Thank you', 'You are welcome.']);
    expect((await owner.get(`${url}?tree=true`)).json<{ messages: Message[] }>().messages).toHaveLength(4);
  });

  it('should sum up tokens and cost for the user, the chat and the installation', async () => {
    const owner = whole.as('user', 'counter');
    const answers = [
      (await owner.post(ask, { content: 'How long do I steep green tea?' })).json<Message>(),
      (await owner.post(ask, { content: 'Hello' })).json<Message>(),
    ];
    const total = answers.reduce((sum, answer) => sum + answer.total_tokens, 0);
    const usage = (await owner.get('/api/v1/usage')).json<{
      total_tokens: number;
      days: { answers: number }[];
    }>();
    expect(usage.total_tokens).toBe(total);
    expect(usage.days.reduce((sum, day) => sum + day.answers, 0)).toBe(2);
    const [answer] = answers;
    const chat = await owner.get(`/api/v1/chat/chats/${answer?.chat_id}`);
    expect(chat.json()).toMatchObject({ total_tokens_used: answer?.total_tokens });
    const statistics = (await whole.as('admin').get('/api/v1/admin/stats')).json<Record<string, number>>();
    expect(statistics['total_tokens']).toBeGreaterThanOrEqual(total);
    expect(statistics['documents']).toBeGreaterThan(0);
  });
});
