/**
 * Joins the scores of words and vectors: each is divided by the best of its kind, cosines after the worst found is
 * taken away, and added with the weights `vectorWeight` and `1 - vectorWeight`. Without vectors the scores of the words
 * stay as they are. Keys are passages.
 */
export function fuseScores(options: {
  lexical: ReadonlyMap<number, number>;
  cosines: ReadonlyMap<number, number>;
  vectorWeight: number;
}): Map<number, number> {
  const { lexical, cosines, vectorWeight } = options;
  if (cosines.size === 0) return new Map(lexical);
  const bestLexical = Math.max(...lexical.values(), 1e-9);
  const bestCosine = Math.max(...cosines.values());
  const worstCosine = Math.min(...cosines.values());
  const spread = Math.max(bestCosine - worstCosine, 1e-9);
  const fused = new Map<number, number>();
  for (const [passage, score] of lexical) fused.set(passage, ((1 - vectorWeight) * score) / bestLexical);
  for (const [passage, cosine] of cosines) {
    const nearness = cosines.size === 1 ? 1 : (cosine - worstCosine) / spread;
    fused.set(passage, (fused.get(passage) ?? 0) + vectorWeight * nearness);
  }
  return fused;
}
