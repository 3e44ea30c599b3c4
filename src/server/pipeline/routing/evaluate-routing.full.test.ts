import { existsSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { evaluateRouting } from './evaluate-routing.ts';

const folder = '../shared/eval/routing';

describe.skipIf(!existsSync(folder))('evaluateRouting on CLINC150', () => {
  it('should keep 92 % of the intents right and reject 70 % of what is out of scope', async () => {
    const figures = await evaluateRouting({
      datasetPath: `${folder}/clinc150-validation.jsonl`,
      trainPath: `${folder}/clinc150-train.jsonl`,
    });
    expect(figures.accuracy_in_scope).toBeGreaterThanOrEqual(0.92);
    expect(figures.recall_out_of_scope).toBeGreaterThanOrEqual(0.7);
  });
});
