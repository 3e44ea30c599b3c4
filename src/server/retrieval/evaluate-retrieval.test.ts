import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { evaluateRetrieval } from './evaluate-retrieval.ts';

const shared = join(import.meta.dirname, '../../../../shared/eval/retrieval');
const lines = (records: readonly object[]) => records.map((record) => JSON.stringify(record)).join('\n');

describe('evaluateRetrieval', () => {
  it('should judge rankings by graded relevance', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wwhd-eval-'));
    await mkdir(join(folder, 'qrels'));
    const documents = [
      { _id: 'a', title: 'Tea', text: 'Green tea is poured before the black tea.' },
      { _id: 'b', title: '', text: 'Tea.' },
      { _id: 'c', text: 'Iron palm training.' },
    ];
    await writeFile(join(folder, 'corpus.jsonl'), lines(documents));
    await writeFile(
      join(folder, 'queries.jsonl'),
      lines([
        { _id: '1', text: 'green tea' },
        { _id: '2', text: 'iron palm' },
        { _id: '3', text: 'lotus' },
        { _id: '4', text: 'not judged' },
      ]),
    );
    await writeFile(
      join(folder, 'qrels', 'test.tsv'),
      'q\td\ts\n1\ta\t2\n1\tb\t1\n2\tc\t1\n2\ta\t0\n3\tc\t1\n',
    );
    const figures = await evaluateRetrieval(folder);
    expect(figures).toMatchObject({ queries: 3, documents: 3, passages: 3 });
    expect(figures.ndcg_at_10).toBeCloseTo(2 / 3);
    expect(figures.recall_at_20).toBeCloseTo(2 / 3);
    expect(figures.mrr_at_10).toBeCloseTo(2 / 3);
    await rm(folder, { recursive: true });
  });

  it.skipIf(!existsSync(shared))('should rank two collections at least 5 % above plain BM25', async () => {
    expect((await evaluateRetrieval(join(shared, 'cranfield'))).ndcg_at_10).toBeGreaterThan(0.435 * 1.05);
    expect((await evaluateRetrieval(join(shared, 'npl'))).ndcg_at_10).toBeGreaterThan(0.436 * 1.05);
  });
});
