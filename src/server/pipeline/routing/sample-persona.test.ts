import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

import { createRouter } from './create-router.ts';
import { evaluatePersonaRouting } from './evaluate-routing.ts';

const persona = 'personas/herman';
const specialistSchema = z.object({
  id: z.string(),
  title: z.string(),
  namespaces: z.array(z.string()),
  description: z.string(),
  utterances: z.array(z.string()),
  keywords: z.array(z.string()),
});
const documentsSchema = z.object({
  documents: z.array(z.object({ title: z.string(), tags: z.array(z.string()).default([]) })),
});

const specialists = readdirSync(`${persona}/specialists`).map((file) => {
  const frontMatter = readFileSync(`${persona}/specialists/${file}`, 'utf8').split(/^---$/mu)[1] ?? '';
  return specialistSchema.parse(parse(frontMatter));
});
const knowledge = readdirSync(`${persona}/knowledge`).flatMap((namespace) => {
  const listed: unknown = parse(readFileSync(`${persona}/knowledge/${namespace}/documents.yaml`, 'utf8'));
  return documentsSchema.parse(listed).documents.map(({ title, tags }) => ({
    namespace,
    title,
    headings: [],
    text: tags.join(' ').replaceAll('-', ' '),
  }));
});

describe('routing of the sample persona', () => {
  it('should have at least 25 example questions for every specialist', () => {
    expect(Math.min(...specialists.map(({ utterances }) => utterances.length))).toBeGreaterThanOrEqual(25);
  });

  // A floor below the measured figure: here the router learns titles and tags only, not the words of the documents.
  it('should stay above its floor on the labelled questions', async () => {
    const router = createRouter({ specialists, knowledge });
    const figures = await evaluatePersonaRouting({
      datasetPath: 'eval/routing/herman.jsonl',
      router,
      specialists,
    });
    expect(figures.questions).toBe(200);
    expect(figures.accuracy).toBeGreaterThanOrEqual(0.8);
  });
});
