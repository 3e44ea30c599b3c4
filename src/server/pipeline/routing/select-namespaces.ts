import type { SpecialistScore } from './combine-signals.ts';

const coveredProbability = 0.7;
const mostNamespaces = 3;

/**
 * The smallest set of namespaces, most probable first, whose probability sums to 0.7; all of the specialists'
 * namespaces when that takes more than three. A specialist's probability goes to its namespaces by their share in the
 * passages, in equal parts where the passages show none of them.
 */
export function selectNamespaces(options: {
  specialists: readonly { id: string; namespaces: readonly string[] }[];
  scores: readonly SpecialistScore[];
  shares: ReadonlyMap<string, number>;
}): string[] {
  const { specialists, scores, shares } = options;
  const probabilities = new Map<string, number>();
  for (const { specialistId, probability } of scores) {
    const own = [...new Set(specialists.find(({ id }) => id === specialistId)?.namespaces)];
    const shown = own.reduce((sum, namespace) => sum + (shares.get(namespace) ?? 0), 0);
    for (const namespace of own) {
      const part = shown > 0 ? (shares.get(namespace) ?? 0) / shown : 1 / own.length;
      probabilities.set(namespace, (probabilities.get(namespace) ?? 0) + probability * part);
    }
  }
  const ranked = [...probabilities].sort((a, b) => b[1] - a[1]);
  let covered = 0;
  const needed = ranked.findIndex(([, probability]) => {
    covered += probability;
    return covered >= coveredProbability;
  });
  const isFew = needed >= 0 && needed < mostNamespaces;
  return (isFew ? ranked.slice(0, needed + 1) : ranked).map(([namespace]) => namespace);
}
