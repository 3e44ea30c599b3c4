import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { Kysely } from 'kysely';

import { openDatabase } from '../../src/server/database/open-database.ts';
import type { Tables } from '../../src/server/database/tables.ts';
import { createEmbeddedPassageIndex } from '../../src/server/retrieval/embedded-passage-index.ts';
import type { IndexablePassage, PassageIndex } from '../../src/server/retrieval/passage-index.ts';
import { isTerminal, type TurnEvent } from '../../src/shared/turn-events.ts';
import type { Locator } from '../../src/shared/locator.ts';

const queries = [
  'How do I begin to meditate?',
  'count the breath',
  'lesson 2 each morning',
  'the mind wanders',
  'group 4 habit',
];

/**
 * Looks at the data of a server that is not running for everything that must hold whatever happened to it.
 * @returns what is wrong, one sentence each; empty when nothing is
 */
export async function findFaults(dataFolder: string): Promise<string[]> {
  const { database, close } = await openDatabase({
    path: join(dataFolder, 'app.db'),
    isServer: true,
    now: () => new Date(),
  });
  try {
    return [
      ...(await findTurnFaults(database)),
      ...(await findKnowledgeFaults(database, dataFolder)),
      ...(await findIndexFaults(database)),
    ];
  } finally {
    await close();
  }
}

/** Each turn has ended once, with its last event, and its message holds the text that its events tell. */
async function findTurnFaults(database: Kysely<Tables>): Promise<string[]> {
  const faults: string[] = [];
  for (const turn of await database.selectFrom('turns').selectAll().execute()) {
    const rows = await database
      .selectFrom('turnEvents')
      .selectAll()
      .where('turnId', '=', turn.id)
      .orderBy('sequence')
      .execute();
    const events = rows.map((row) => JSON.parse(row.payload) as TurnEvent);
    const message = await database
      .selectFrom('messages')
      .selectAll()
      .where('id', '=', turn.id)
      .executeTakeFirst();
    const question = await database
      .selectFrom('messages')
      .select('id')
      .where('id', '=', turn.questionId)
      .executeTakeFirst();
    const terminals = events.filter(isTerminal);
    const text = events.map((event) => (event.type === 'answer-delta' ? event.text : '')).join('');
    const name = `turn ${turn.id}`;
    if (turn.status !== 'ended') faults.push(`${name} is still ${turn.status}`);
    if (!question) faults.push(`${name} has lost its question`);
    if (!message || message.status === 'generating') faults.push(`${name} has no ended message`);
    if (terminals.length !== 1 || terminals[0] !== events.at(-1))
      faults.push(`${name} has ${terminals.length} ends`);
    if (events[0]?.type !== 'turn-start') faults.push(`${name} does not begin with its start`);
    const gap = events.findIndex((event, index) => event.sequence !== index + 1 && !isTerminal(event));
    if (gap >= 0) faults.push(`${name} has a gap before its event ${gap + 1}`);
    if (message?.status === 'interrupted' && message.content !== text)
      faults.push(`${name} holds another text than its events`);
  }
  return faults;
}

/** Documents are whole, their originals are there, and no job is left over. */
async function findKnowledgeFaults(database: Kysely<Tables>, dataFolder: string): Promise<string[]> {
  const faults: string[] = [];
  const documents = await database
    .selectFrom('documents')
    .selectAll()
    .where('deletedAt', 'is', null)
    .execute();
  for (const document of documents) {
    const name = `document ${document.id}`;
    if (document.status !== 'indexed') faults.push(`${name} is ${document.status}: ${document.error}`);
    const versions = await database
      .selectFrom('documentVersions')
      .selectAll()
      .where('documentId', '=', document.id)
      .execute();
    for (const { blobHash } of versions) {
      if (!existsSync(join(dataFolder, 'blobs', blobHash.slice(0, 2), blobHash)))
        faults.push(`${name} has lost its original`);
    }
  }
  const jobs = await database.selectFrom('jobs').selectAll().execute();
  for (const job of jobs) {
    if (job.endedAt === null || job.status === 'failed')
      faults.push(`job ${job.id} (${job.kind}) is ${job.status}: ${job.error}`);
  }
  return faults;
}

/** The stored index finds what one built from scratch from the same rows finds, in the same order. */
async function findIndexFaults(database: Kysely<Tables>): Promise<string[]> {
  const generations = await database
    .selectFrom('indexGenerations')
    .selectAll()
    .where('status', '=', 'active')
    .execute();
  const [generation] = generations;
  if (!generation || generations.length !== 1) return [`${generations.length} generations are active`];
  const { id: generationId, dimension } = generation;
  const size = dimension === null ? {} : { dimension };
  const stored = createEmbeddedPassageIndex({ database, generationId, ...size });
  const memory = await openDatabase({ path: ':memory:', isServer: false, now: () => new Date() });
  const { id: freshId } = await memory.database
    .insertInto('indexGenerations')
    .values({
      splitterVersion: 1,
      analyserVersion: 1,
      embeddingModel: null,
      dimension,
      status: 'active',
      createdAt: '',
      activatedAt: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const fresh = createEmbeddedPassageIndex({ database: memory.database, generationId: freshId, ...size });
  try {
    const passages = await listPassages(database, generationId);
    await stored.open();
    await fresh.open();
    const staged = await fresh.stage(passages);
    await memory.database
      .transaction()
      .execute((transaction) => fresh.commit(transaction, { staged, removedPassageIds: [] }));
    await fresh.publish();
    return await compareIndexes({ stored, fresh, passages });
  } finally {
    await stored.close();
    await fresh.close();
    await memory.close();
  }
}

async function compareIndexes(options: {
  stored: PassageIndex;
  fresh: PassageIndex;
  passages: readonly IndexablePassage[];
}): Promise<string[]> {
  const { stored, fresh, passages } = options;
  const faults: string[] = [];
  const held = (await stored.statistics()).passages;
  if (held !== passages.length)
    faults.push(`the index holds ${held} passages, the database ${passages.length}`);
  for (const text of queries) {
    const search = async (index: PassageIndex) => {
      const found = await index.search({ text, namespaces: ['meditation'], limit: 50 });
      return found.candidates
        .map(({ passageId, score }) => `${passageId}:${score.toFixed(4)}`)
        .sort()
        .join(' ');
    };
    if ((await search(stored)) !== (await search(fresh)))
      faults.push(`the index answers "${text}" otherwise`);
  }
  return faults;
}

async function listPassages(database: Kysely<Tables>, generationId: number): Promise<IndexablePassage[]> {
  const rows = await database
    .selectFrom('passages as p')
    .innerJoin('documents as d', 'd.id', 'p.documentId')
    .where('p.generationId', '=', generationId)
    .where('d.deletedAt', 'is', null)
    .select(['p.id', 'p.documentId', 'p.text', 'p.locator', 'd.namespace', 'd.title'])
    .orderBy('p.id')
    .execute();
  return rows.map((row) => ({
    id: Number(row.id),
    documentId: row.documentId,
    namespace: row.namespace,
    title: row.title,
    headingPath: (JSON.parse(row.locator) as Locator).heading_path ?? [],
    text: row.text,
  }));
}
