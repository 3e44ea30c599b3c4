import { z } from 'zod';

import { alignCitations } from '../../server/pipeline/align-citations.ts';
import { sufficientSupport } from '../../server/pipeline/evidence/score-support.ts';
import { readJsonLines } from '../../server/read-json-lines.ts';
import type { RetrievedPassage } from '../../server/retrieval/passage.ts';

const pairLine = z.object({ passage: z.string(), sentence: z.string(), kind: z.string() });

/** For each kind of sentence: how many, and how many count as supported by their passage. */
export type CitationFigures = Record<string, { n: number; supported: number; share: number }>;

export type CitationItem = { id: string; kind: string; sentence: string; support: number; score: number };

const faithfulKinds = new Set(['supported', 'paraphrased']);

/**
 * Measures the check of citations on lines {passage, sentence, kind}: kinds `supported` and `paraphrased` should count
 * as supported, every other kind (a changed number, a negation, something invented) should not.
 * @throws AppError invalid_field naming file and line when a line is of another form
 */
export async function evaluateCitations(options: {
  datasetPath: string;
  onItem?: (item: CitationItem) => void;
}): Promise<CitationFigures> {
  const figures: CitationFigures = {};
  for (const [index, { passage, sentence, kind }] of (
    await readJsonLines(options.datasetPath, pairLine)
  ).entries()) {
    const { citations } = alignCitations(`${sentence} [1]`, [asRetrieved(passage)]);
    const support = Math.min(1, ...citations.map((citation) => citation.support));
    const isSupported = support >= sufficientSupport;
    const row = (figures[kind] ??= { n: 0, supported: 0, share: 0 });
    row.n += 1;
    if (isSupported) row.supported += 1;
    row.share = row.supported / row.n;
    const score = isSupported === faithfulKinds.has(kind) ? 1 : 0;
    options.onItem?.({ id: String(index + 1), kind, sentence, support, score });
  }
  return figures;
}

function asRetrieved(text: string): RetrievedPassage {
  return {
    passageId: 1,
    documentId: 1,
    version: 1,
    namespace: 'collection',
    title: '',
    url: null,
    youtubeUrl: null,
    text,
    locator: { start: 0, end: text.length },
    score: 1,
    coverage: 1,
  };
}
