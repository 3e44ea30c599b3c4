import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createRouter } from './create-router.ts';
import { evaluatePersonaRouting, evaluateRouting } from './evaluate-routing.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'routing-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function writeLines(name: string, lines: unknown[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, lines.map((line) => JSON.stringify(line)).join('\n'));
  return path;
}

const kitchen = ['boil rice', 'bake bread', 'fry an egg', 'peel the carrots'];
const garage = ['change the oil', 'pump the tyre', 'start the engine', 'clean the carburettor'];
const labelled = [
  ...kitchen.map((text) => ({ text, label: 'kitchen' })),
  ...garage.map((text) => ({ text, label: 'garage' })),
];

describe('evaluateRouting', () => {
  it('should count right, wrong and rejected texts apart', async () => {
    const trainPath = await writeLines('train.jsonl', labelled);
    const datasetPath = await writeLines('test.jsonl', [
      ...labelled,
      { text: 'boil rice', label: 'garage' },
      { text: 'wxyz qqq jjj', label: 'oos' },
    ]);
    const figures = await evaluateRouting({ datasetPath, trainPath });
    expect(figures.recall_out_of_scope).toBe(1);
    expect(figures.accuracy_in_scope).toBeLessThan(1);
    expect(figures.p50_ms).toBeGreaterThan(0);
  });

  it('should have no recall to tell when nothing is out of scope', async () => {
    const datasetPath = await writeLines('folds.jsonl', labelled);
    expect((await evaluateRouting({ datasetPath })).recall_out_of_scope).toBeNull();
  });

  it('should name the line that it cannot read', async () => {
    const datasetPath = await writeLines('broken.jsonl', [...labelled, { text: 'no label' }]);
    await expect(evaluateRouting({ datasetPath })).rejects.toMatchObject({ code: 'invalid_field' });
    await expect(evaluateRouting({ datasetPath })).rejects.toThrow('broken.jsonl:9');
  });

  it('should refuse an empty file', async () => {
    const datasetPath = await writeLines('empty.jsonl', []);
    await expect(evaluateRouting({ datasetPath })).rejects.toMatchObject({ code: 'invalid_field' });
  });
});

describe('evaluatePersonaRouting', () => {
  it('should count a question when the chosen specialist owns its namespace', async () => {
    const specialists = [
      { id: 'cook', title: 'Cook', namespaces: ['food'], description: '', utterances: kitchen },
      { id: 'mechanic', title: 'Mechanic', namespaces: ['cars'], description: '', utterances: garage },
    ];
    const datasetPath = await writeLines('persona.jsonl', [
      { text: 'bake bread', namespace: 'food' },
      { text: 'pump the tyre', namespace: 'food' },
    ]);
    const router = createRouter({ specialists, knowledge: [] });
    const figures = await evaluatePersonaRouting({ datasetPath, router, specialists });
    expect(figures).toMatchObject({ accuracy: 0.5, questions: 2 });
  });
});
