import type { EmbeddingModel } from '../models/embedding-model.ts';
import { diversifyPassages } from '../retrieval/diversify-passages.ts';
import type { RetrievedPassage } from '../retrieval/passage.ts';
import type { PassageCandidate, PassageIndex, PassageSearchResult } from '../retrieval/passage-index.ts';

export type ReadPassages = (options: {
  candidates: readonly PassageCandidate[];
  namespaces: readonly string[];
}) => Promise<RetrievedPassage[]>;

export type Retrieval = {
  passages: RetrievedPassage[];
  terms: PassageSearchResult['terms'];
  /** Every candidate with why it was left out, for the receipt. */
  candidates: (RetrievedPassage & { dropped: string | null })[];
};

const CANDIDATES = 40;
const PASSAGES = 12;
const EMBEDDING_TIMEOUT_MS = 5_000;

/**
 * Finds the passages for a question: candidates by words and, with an embedding model, by meaning; their text from the
 * database; near-duplicates and a fourth passage of one document left out. When the embedding endpoint fails, words
 * alone must do; `onError` is told.
 */
export async function retrieve(options: {
  index: Pick<PassageIndex, 'search'>;
  readPassages: ReadPassages;
  embeddingModel: EmbeddingModel | undefined;
  question: string;
  namespaces: readonly string[];
  boostedNamespaces: readonly string[];
  signal: AbortSignal;
  onError: (error: unknown) => void;
}): Promise<Retrieval> {
  const { index, namespaces, question, boostedNamespaces } = options;
  if (namespaces.length === 0) return { passages: [], terms: [], candidates: [] };
  const vector = await embedQuestion(options);
  const found = await index.search({
    text: question,
    namespaces,
    boostedNamespaces,
    limit: CANDIDATES,
    ...(vector ? { vector } : {}),
  });
  const read = await options.readPassages({ candidates: found.candidates, namespaces });
  const kept = diversifyPassages(read, { limit: PASSAGES });
  const keptIds = new Set(kept.map((passage) => passage.passageId));
  return {
    passages: kept,
    terms: found.terms,
    candidates: read.map((passage) => ({
      ...passage,
      dropped: keptIds.has(passage.passageId) ? null : 'too similar, too many of one document, or too weak',
    })),
  };
}

async function embedQuestion(options: {
  embeddingModel: EmbeddingModel | undefined;
  question: string;
  signal: AbortSignal;
  onError: (error: unknown) => void;
}): Promise<Float32Array | undefined> {
  const { embeddingModel, question, signal, onError } = options;
  if (!embeddingModel) return undefined;
  try {
    const timeout = AbortSignal.any([signal, AbortSignal.timeout(EMBEDDING_TIMEOUT_MS)]);
    return (await embeddingModel.embed([question], timeout))[0];
  } catch (error) {
    if (!signal.aborted) onError(error);
    return undefined;
  }
}
