import { z } from 'zod';

import { createRandomNumbers } from '../../server/pipeline/routing/random-numbers.ts';
import { readJsonLines } from '../../server/read-json-lines.ts';
import { usageMistake } from '../command-context.ts';

const predictionLine = z.object({
  id: z.union([z.string(), z.number()]).transform(String),
  score: z.number(),
});

export type Comparison = {
  items: number;
  mean_a: number;
  mean_b: number;
  /** Mean of B minus mean of A, with the bounds of its 95 % interval. */
  difference: number;
  low: number;
  high: number;
  is_significant: boolean;
};

const resamples = 10_000;
const seed = 20_261_121;

type Scored = { id: string; score: number };

/** The lines of a file of predictions. @throws AppError invalid_field naming file and line */
export function readPredictions(path: string): Promise<Scored[]> {
  return readJsonLines(path, predictionLine);
}

/**
 * Compares a file of predictions {id, score} with later ones item by item: the paired bootstrap interval of the
 * difference of their means (percentile method; Efron and Tibshirani 1993). The same input gives the same interval.
 * @throws AppError invalid_field naming file and line; CommandFailure (usage) when the two hold other items
 */
export async function comparePredictions(
  path: string,
  later: { name: string; items: readonly Scored[] },
): Promise<Comparison> {
  const first = await readPredictions(path);
  const scores = new Map(later.items.map(({ id, score }) => [id, score]));
  const missing = first.find(({ id }) => !scores.has(id));
  if (missing !== undefined || scores.size !== first.length) {
    const counts = `${scores.size} items against ${first.length}`;
    const detail = missing === undefined ? counts : `item ${missing.id} is missing`;
    throw usageMistake(
      `${later.name} holds other items than ${path} (${detail}). Compare predictions of one data set.`,
    );
  }
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const differences = first.map(({ id, score }) => (scores.get(id) ?? 0) - score);
  const { low, high } = bootstrapInterval(differences);
  return {
    items: first.length,
    mean_a: mean(first.map(({ score }) => score)),
    mean_b: mean([...scores.values()]),
    difference: mean(differences),
    low,
    high,
    is_significant: low > 0 || high < 0,
  };
}

/** Bounds of the middle 95 % of the means of resampled values. The same values give the same bounds. */
export function bootstrapInterval(values: readonly number[]): { low: number; high: number } {
  const random = createRandomNumbers(seed);
  const means = new Float64Array(resamples);
  for (let round = 0; round < resamples; round += 1) {
    let sum = 0;
    for (let drawn = 0; drawn < values.length; drawn += 1)
      sum += values[Math.floor(random() * values.length)] ?? 0;
    means[round] = sum / Math.max(1, values.length);
  }
  means.sort();
  return {
    low: means[Math.floor(resamples * 0.025)] ?? 0,
    high: means[Math.ceil(resamples * 0.975) - 1] ?? 0,
  };
}
