import type { Kysely } from 'kysely';

import type { Tables } from '../../database/tables.ts';
import type { TextBlock } from '../../ingestion/parsed-document.ts';
import type { RouterKnowledge } from '../../pipeline/routing/create-router.ts';
import { extractKeyTerms, TERMS_PER_DOCUMENT } from '../../pipeline/routing/extract-key-terms.ts';

/** Characters of each document that the router learns from; enough for its words, bounded for large libraries. */
const CHARACTERS = 20_000;
const DOCUMENTS = 1_000;

/** What the router learns of the knowledge: titles, headings and telling words of the newest documents. */
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
  const texts = rows.map((row) => ({
    namespace: row.namespace,
    text: (row.text ?? '').slice(0, CHARACTERS),
  }));
  const terms = extractKeyTerms(texts, TERMS_PER_DOCUMENT);
  return rows.map((row, position) => ({
    namespace: row.namespace,
    title: row.title,
    headings: headingsOf(row.text ?? '', JSON.parse(row.blocks ?? '[]') as TextBlock[]),
    terms: terms[position] ?? [],
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
