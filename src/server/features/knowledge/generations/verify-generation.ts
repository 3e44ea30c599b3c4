import type { EmbeddingModel } from '../../../models/embedding-model.ts';
import type { PassageIndex } from '../../../retrieval/passage-index.ts';
import type { GenerationStore } from './generation-store.ts';

/** Judges a candidate by more than its own contents, such as golden questions. @returns what is wrong with it, if anything */
export type JudgeCandidate = (candidate: {
  generationId: number;
  index: PassageIndex;
  embeddingModel: EmbeddingModel | undefined;
  signal: AbortSignal;
}) => Promise<string | undefined>;

const SAMPLES = 8;
const QUESTION_CHARACTERS = 300;
const CANDIDATES = 20;

/**
 * Checks a generation before it may answer: it holds every searchable document, as many passages as were written for
 * them, each of them in its index; and of up to eight documents that the present generation finds by their own words it
 * finds at least half too (near-duplicates may stand before one another), after that whatever `judge` asks.
 * @returns what is wrong as one sentence, or undefined when nothing is
 */
export async function verifyGeneration(options: {
  store: GenerationStore;
  generationId: number;
  index: PassageIndex;
  present: PassageIndex;
  embeddingModel: EmbeddingModel | undefined;
  judge?: JudgeCandidate | undefined;
  signal: AbortSignal;
}): Promise<string | undefined> {
  const { store, generationId, index, embeddingModel, judge, signal } = options;
  const rows = await store.countPassageRows(generationId);
  const { passages } = await store.count(generationId);
  if (rows !== passages)
    return `Generation ${generationId} should hold ${passages} passages but has ${rows}.`;
  await index.publish();
  const indexed = (await index.statistics()).passages;
  if (indexed !== rows)
    return `Generation ${generationId} has ${rows} passages but its index holds ${indexed}.`;
  const missed = await askForItself(options);
  if (missed !== undefined) return missed;
  return judge?.({ generationId, index, embeddingModel, signal });
}

async function askForItself(options: {
  store: GenerationStore;
  generationId: number;
  index: PassageIndex;
  present: PassageIndex;
  signal: AbortSignal;
}): Promise<string | undefined> {
  const { store, generationId, index, present, signal } = options;
  let asked = 0;
  let found = 0;
  for (const sample of await store.samplePassages(generationId, SAMPLES)) {
    signal.throwIfAborted();
    const question = {
      text: sample.text.slice(0, QUESTION_CHARACTERS),
      namespaces: [sample.namespace],
      limit: CANDIDATES,
    };
    const finds = async (candidate: PassageIndex, vector: Float32Array | undefined) => {
      const { candidates } = await candidate.search({ ...question, ...(vector ? { vector } : {}) });
      return candidates.some(({ documentId }) => documentId === sample.documentId);
    };
    // Words that nothing can be found by say nothing about the new index.
    if (!(await finds(present, undefined))) continue;
    asked += 1;
    if (await finds(index, sample.vector)) found += 1;
  }
  if (found * 2 >= asked) return undefined;
  return `Generation ${generationId} finds only ${found} of ${asked} documents by their own words.`;
}
