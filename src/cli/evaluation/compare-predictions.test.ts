import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { array, assert, double, property } from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';

import { bootstrapInterval, comparePredictions } from './compare-predictions.ts';

const folder = mkdtempSync(join(tmpdir(), 'wwhd-compare-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, lines: unknown[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => JSON.stringify(line)).join('\n'));
  return path;
}

const items = Array.from({ length: 40 }, (_, index) => ({ id: String(index), score: index % 2 }));

describe('comparePredictions', () => {
  it('should find a difference that is there', async () => {
    const path = write('a.jsonl', items);
    const later = { name: 'later', items: items.map(({ id }) => ({ id, score: 1 })) };
    const comparison = await comparePredictions(path, later);
    expect(comparison).toMatchObject({ items: 40, mean_a: 0.5, mean_b: 1, is_significant: true });
    expect(comparison.low).toBeGreaterThan(0);
  });

  it('should find none between a file and itself', async () => {
    const comparison = await comparePredictions(write('same.jsonl', items), { name: 'same', items });
    expect(comparison).toMatchObject({ difference: 0, low: 0, high: 0, is_significant: false });
  });

  it('should refuse other items, and name the line that it cannot read', async () => {
    const path = write('b.jsonl', items);
    await expect(comparePredictions(path, { name: 'other', items: items.slice(1) })).rejects.toThrow(
      'item 0',
    );
    const broken = write('broken.jsonl', [{ id: '1', score: 1 }, { id: '2' }]);
    await expect(comparePredictions(broken, { name: 'x', items })).rejects.toThrow('broken.jsonl:2');
  });
});

describe('bootstrapInterval', () => {
  it('should stay inside the values and be the same each time', () => {
    const values = array(double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 });
    assert(
      property(values, (scores) => {
        const { low, high } = bootstrapInterval(scores);
        expect(low).toBeLessThanOrEqual(high);
        expect(low).toBeGreaterThanOrEqual(Math.min(...scores) - 1e-9);
        expect(high).toBeLessThanOrEqual(Math.max(...scores) + 1e-9);
        expect(bootstrapInterval(scores)).toEqual({ low, high });
      }),
      { numRuns: 10 },
    );
  });
});
