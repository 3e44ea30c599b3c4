import { describe, expect, it } from 'vitest';

import { combineSignals, shareEvidence } from './combine-signals.ts';
import { selectNamespaces } from './select-namespaces.ts';

const specialists = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, namespaces: [`${id}-shelf`] }));

function select(probabilities: number[]): string[] {
  const scores = probabilities.map((probability, index) => ({
    specialistId: specialists[index]?.id ?? '',
    probability,
  }));
  return selectNamespaces({ specialists, scores, shares: new Map() });
}

describe('selectNamespaces', () => {
  it('should take one namespace when its probability is enough', () => {
    expect(select([0.8, 0.1, 0.1, 0, 0])).toEqual(['a-shelf']);
  });

  it('should take several for a mixed question', () => {
    expect(select([0.4, 0.1, 0.4, 0.05, 0.05])).toEqual(['a-shelf', 'c-shelf']);
  });

  it('should take all when three are not enough', () => {
    expect(select([0.2, 0.2, 0.2, 0.2, 0.2])).toHaveLength(5);
  });
});

describe('combineSignals', () => {
  const wording = new Map(specialists.map(({ id }) => [id, 0.2]));
  const words = new Map<string, number>();

  it('should ignore passages of other personas and unusable scores', () => {
    const found = [
      { namespace: 'foreign', score: 9 },
      { namespace: 'a-shelf', score: Number.NaN },
      { namespace: 'b-shelf', score: -1 },
    ];
    expect(shareEvidence(found, new Set(['a-shelf', 'b-shelf'])).size).toBe(0);
  });

  it('should rank first the specialist with the best passages when nothing else differs', () => {
    const shares = shareEvidence([{ namespace: 'c-shelf', score: 4 }], new Set(['c-shelf']));
    expect(combineSignals({ specialists, wording, words, shares })[0]?.specialistId).toBe('c');
  });
});
