/** A passage found for the text: its namespace and its score (any positive scale, higher is better). */
export type NamespaceEvidence = { namespace: string; score: number };

export type SpecialistScore = { specialistId: string; probability: number };

const wordsWeight = 0.7;
const wordingWeight = 0.5;
const evidenceWeight = 0.4;
const evidencePower = 2;
/** Probability that a signal leaves to what it speaks against, so that no signal decides alone. */
const leastWording = 1e-3;
const leastEvidence = 0.05;

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
 * Multiplies three opinions, each raised to a fixed power (a logarithmic opinion pool, Genest and Zidek 1986): what the
 * words go with in the knowledge and examples (log odds), what the wording resembles (probability), and where the
 * passages stand (share). A namespace that several specialists share counts for each of them in equal parts. Most
 * probable first; sums to 1. The powers were fitted by five folds of the sample persona's example questions.
 */
export function combineSignals(signals: {
  specialists: readonly { id: string; namespaces: readonly string[] }[];
  words: ReadonlyMap<string, number>;
  wording: ReadonlyMap<string, number>;
  shares: ReadonlyMap<string, number>;
}): SpecialistScore[] {
  const { specialists, words, wording, shares } = signals;
  const ownersOf = (namespace: string) =>
    specialists.filter((specialist) => specialist.namespaces.includes(namespace)).length;
  const scored = specialists.map(({ id, namespaces }) => {
    let shown = 0;
    for (const namespace of new Set(namespaces)) shown += (shares.get(namespace) ?? 0) / ownersOf(namespace);
    const logOdds =
      wordsWeight * (words.get(id) ?? 0) +
      wordingWeight * Math.log((wording.get(id) ?? 0) + leastWording) +
      (shares.size === 0 ? 0 : evidenceWeight * Math.log(shown + leastEvidence));
    return { specialistId: id, logOdds };
  });
  const highest = Math.max(...scored.map(({ logOdds }) => logOdds));
  const raised = scored.map(({ specialistId, logOdds }) => ({
    specialistId,
    strength: Math.exp(logOdds - highest),
  }));
  const total = raised.reduce((sum, { strength }) => sum + strength, 0);
  return raised
    .map(({ specialistId, strength }) => ({ specialistId, probability: strength / total }))
    .sort((a, b) => b.probability - a.probability);
}
