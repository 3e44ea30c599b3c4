/**
 * What the ranking is tuned by. Values were chosen on Cranfield, NPL and a question-answer collection together: one
 * setting on the plateau of all three rather than the best of each.
 */
export type RankingParameters = {
  /** BM25 saturation and length normalisation of the text. */
  saturation: number;
  lengthNormalisation: number;
  /** What one occurrence in the title or heading path counts beside one in a text of average length. */
  titleWeight: number;
  headingWeight: number;
  /** Share of the proximity bonus (BM25TP), words apart that still count, and passages that get it. */
  proximityWeight: number;
  proximityWindow: number;
  proximityPassages: number;
  /** Relevance model (RM3): best passages learnt from, terms added, and their share of the question's weight. */
  feedbackPassages: number;
  feedbackTerms: number;
  feedbackShare: number;
  /** How fast a lower-scored passage loses its say in the relevance model. */
  feedbackSharpness: number;
  /** A term that more of the passages have (share of all) is not added. */
  feedbackCommonShare: number;
  /** Weight of the vectors against the words where both are asked. */
  vectorWeight: number;
  /** Passages whose sign bits are nearest and that are compared number by number. */
  rescoredVectors: number;
  /** Factor on the score of passages in namespaces that the router favours. */
  namespaceBoost: number;
};

export const defaultRanking: RankingParameters = {
  saturation: 1,
  lengthNormalisation: 0.65,
  titleWeight: 0.6,
  headingWeight: 0.6,
  proximityWeight: 0.5,
  proximityWindow: 5,
  proximityPassages: 100,
  feedbackPassages: 6,
  feedbackTerms: 40,
  feedbackShare: 0.3,
  feedbackSharpness: 3,
  feedbackCommonShare: 0.2,
  vectorWeight: 0.7,
  rescoredVectors: 1_000,
  namespaceBoost: 1.15,
};
