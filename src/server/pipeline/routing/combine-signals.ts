/** A passage found for the text: its namespace and its score (any positive scale, higher is better). */
export type NamespaceEvidence = { namespace: string; score: number };

export type SpecialistScore = { specialistId: string; probability: number };

const evidenceWeight = 0.35;
const evidencePower = 2;

/**
 * The share (0-1, summing to 1) of each of the given namespaces in the strength of the passages; squared scores, so
 * that the best passages lead. Empty when no passage of these namespaces has a positive score.
 */
export function shareEvidence(
  evidence: readonly NamespaceEvidence[],
  namespaces: ReadonlySet<string>,
): Map<string, number> {
  const usable = evidence.filter(
    ({ namespace, score }) => namespaces.has(namespace) && score > 0 && Number.isFinite(score),
  );
  const highest = Math.max(...usable.map(({ score }) => score));
  const strengths = new Map<string, number>();
  for (const { namespace, score } of usable) {
    strengths.set(namespace, (strengths.get(namespace) ?? 0) + (score / highest) ** evidencePower);
  }
  const total = strengths.values().reduce((sum, strength) => sum + strength, 0);
  return new Map([...strengths].map(([namespace, strength]) => [namespace, strength / total]));
}

/**
 * Mixes what the classifier learned with what the passages show by a fixed weight. A namespace that several
 * specialists share counts for each of them in equal parts. Most probable first; sums to 1.
 */
export function combineSignals(signals: {
  specialists: readonly { id: string; namespaces: readonly string[] }[];
  learned: ReadonlyMap<string, number>;
  shares: ReadonlyMap<string, number>;
}): SpecialistScore[] {
  const { specialists, learned, shares } = signals;
  const weight = shares.size === 0 ? 0 : evidenceWeight;
  const ownersOf = (namespace: string) =>
    specialists.filter((specialist) => specialist.namespaces.includes(namespace)).length;
  return specialists
    .map(({ id, namespaces }) => {
      let shown = 0;
      for (const namespace of new Set(namespaces))
        shown += (shares.get(namespace) ?? 0) / ownersOf(namespace);
      return { specialistId: id, probability: (1 - weight) * (learned.get(id) ?? 0) + weight * shown };
    })
    .sort((a, b) => b.probability - a.probability);
}
