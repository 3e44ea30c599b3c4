import { existsSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { evaluateRetrieval } from './evaluate-retrieval.ts';

const folder = '../shared/eval/retrieval';

describe.skipIf(!existsSync(folder))('evaluateRetrieval on public collections', () => {
  // Plain BM25 with a light stemmer reaches 0.435 and 0.436.
  it.each([
    ['cranfield', 0.435],
    ['npl', 0.436],
  ])('should rank %s at least 5 %% better than plain BM25', async (name, baseline) => {
    const { ndcg_at_10: ndcg } = await evaluateRetrieval(`${folder}/${name}`);
    expect(ndcg).toBeGreaterThanOrEqual(baseline * 1.05);
  });
});
