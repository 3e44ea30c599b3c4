import type { LoadedSegment } from './loaded-segment.ts';

/**
 * What one caller may see of the index. All statistics of the ranking (idf, average length) are of these passages only,
 * so that nothing of another namespace shows through, not even in a score.
 */
export type Scope = {
  /** 1 for passages that are live and in the namespaces asked for, by number among all loaded ones. */
  eligible: Uint8Array;
  /** Whether every loaded passage is eligible. */
  isEverything: boolean;
  passageCount: number;
  /** 1 / (1 - b + b * length / average length) of each passage's text. */
  inverseNorms: Float32Array;
};

function markEligible(segments: readonly LoadedSegment[], namespaces: ReadonlySet<string>) {
  const total = segments.reduce((sum, { segment }) => sum + segment.passageCount, 0);
  const eligible = new Uint8Array(total);
  let passageCount = 0;
  let words = 0;
  for (const { segment, base, live } of segments) {
    const isAllowed = Uint8Array.from(segment.namespaces, (name) => (namespaces.has(name) ? 1 : 0));
    for (let local = 0; local < segment.passageCount; local += 1) {
      if (isAllowed[segment.namespaceOf[local]!] === 0 || live[local] === 0) continue;
      eligible[base + local] = 1;
      passageCount += 1;
      words += segment.textLengths[local]!;
    }
  }
  return { eligible, passageCount, averageLength: words / Math.max(1, passageCount) || 1, total };
}

/** Works out a scope; `lengthNormalisation` is BM25's b. */
export function buildScope(
  segments: readonly LoadedSegment[],
  options: { namespaces: ReadonlySet<string>; lengthNormalisation: number },
): Scope {
  const { eligible, passageCount, averageLength, total } = markEligible(segments, options.namespaces);
  const b = options.lengthNormalisation;
  const inverseNorms = new Float32Array(total);
  for (const { segment, base } of segments) {
    for (let local = 0; local < segment.passageCount; local += 1) {
      inverseNorms[base + local] = 1 / (1 - b + (b * segment.textLengths[local]!) / averageLength);
    }
  }
  return { eligible, isEverything: passageCount === total, passageCount, inverseNorms };
}
