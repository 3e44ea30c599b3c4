import type { Kysely } from 'kysely';

import type { Tables } from '../../database/tables.ts';
import type { TextBlock } from '../../ingestion/parsed-document.ts';
import type { RouterKnowledge } from '../../pipeline/routing/create-router.ts';

/** Characters that the router learns from, of one document and of all; bounded for large libraries. */
const CHARACTERS = 20_000;
const CHARACTERS_OF_ALL = 1_000_000;
const DOCUMENTS = 1_000;

/** What the router learns of the knowledge: titles, headings and the beginning of the newest documents. */
export async function describeKnowledge(
  database: Kysely<Tables>,
  namespaces: readonly string[],
): Promise<RouterKnowledge[]> {
  if (namespaces.length === 0) return [];
  const rows = await database
    .selectFrom('documents as d')
    .innerJoin('documentVersions as v', 'v.id', 'd.currentVersionId')
    .where('d.namespace', 'in', [...namespaces])
    .where('d.deletedAt', 'is', null)
    .orderBy('d.id', 'desc')
    .limit(DOCUMENTS)
    .select(['d.namespace', 'd.title', 'v.text', 'v.blocks'])
    .execute();
  const share = Math.min(CHARACTERS, Math.floor(CHARACTERS_OF_ALL / Math.max(1, rows.length)));
  return rows.map((row) => ({
    namespace: row.namespace,
    title: row.title,
    headings: headingsOf(row.text ?? '', JSON.parse(row.blocks ?? '[]') as TextBlock[]),
    text: (row.text ?? '').slice(0, share),
  }));
}

/** Headings, and the questions of question-answer pairs. */
function headingsOf(text: string, blocks: readonly TextBlock[]): string[] {
  return blocks.flatMap((block) => {
    if (block.kind === 'heading') return [text.slice(block.start, block.end)];
    if (block.kind === 'pair') return [text.slice(block.start, block.end).split('\n')[0] ?? ''];
    return [];
  });
}
