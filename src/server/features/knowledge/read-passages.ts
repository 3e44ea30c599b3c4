import type { Kysely } from 'kysely';

import type { Locator } from '../../../shared/locator.ts';
import type { Tables } from '../../database/tables.ts';
import type { RetrievedPassage } from '../../retrieval/passage.ts';
import type { PassageCandidate } from '../../retrieval/passage-index.ts';

/**
 * Loads the text and source of ranked passages, in their order. Passages that were removed meanwhile, or that stand
 * outside the given namespaces, are left out: the database is the truth, the index only proposes.
 */
export async function readPassages(
  database: Kysely<Tables>,
  options: { candidates: readonly PassageCandidate[]; namespaces: readonly string[] },
): Promise<RetrievedPassage[]> {
  const { candidates, namespaces } = options;
  if (candidates.length === 0 || namespaces.length === 0) return [];
  const rows = await database
    .selectFrom('passages as p')
    .innerJoin('documents as d', 'd.id', 'p.documentId')
    .innerJoin('documentVersions as v', 'v.id', 'p.versionId')
    .where(
      'p.id',
      'in',
      candidates.map((candidate) => candidate.passageId),
    )
    .where('d.deletedAt', 'is', null)
    .where('d.namespace', 'in', [...namespaces])
    .whereRef('p.versionId', '=', 'd.currentVersionId')
    .select([
      'p.id',
      'p.documentId',
      'p.text',
      'p.locator',
      'd.namespace',
      'd.title',
      'd.sourceUrl',
      'd.youtubeUrl',
      'v.version',
    ])
    .execute();
  const byId = new Map(rows.map((row) => [Number(row.id), row]));
  return candidates.flatMap((candidate) => {
    const row = byId.get(candidate.passageId);
    if (!row) return [];
    return [
      {
        passageId: candidate.passageId,
        documentId: row.documentId,
        version: row.version,
        namespace: row.namespace,
        title: row.title,
        url: row.sourceUrl,
        youtubeUrl: row.youtubeUrl,
        text: row.text,
        locator: JSON.parse(row.locator) as Locator,
        score: candidate.score,
        ...(candidate.lexicalScore === undefined ? {} : { lexicalScore: candidate.lexicalScore }),
        ...(candidate.vectorScore === undefined ? {} : { vectorScore: candidate.vectorScore }),
        coverage: candidate.coverage,
      },
    ];
  });
}
