import { join } from 'node:path';

import { z } from 'zod';

import { invalidField } from '../errors.ts';
import type { EmbeddingModel } from '../models/embedding-model.ts';
import { readJsonLines, readTextFile } from '../read-json-lines.ts';
import { loadAnalyser } from './analyse-text.ts';
import { createIndexEngine, type IndexEngine } from './engine/index-engine.ts';
import type { RankingParameters } from './engine/ranking-parameters.ts';
import { createSegmentBuilder } from './engine/segment-builder.ts';
import { maximumPassageCharacters } from './passage-limits.ts';
import { splitPassages } from './split-passages.ts';

/** Quality means over the questions, 0 to 1, and the time of one search in milliseconds. */
export type RetrievalFigures = {
  ndcg_at_10: number;
  recall_at_20: number;
  mrr_at_10: number;
  queries: number;
  documents: number;
  passages: number;
  p50_ms: number;
  p99_ms: number;
};

/** One question: the ids of its best 20 documents, its figures, and the nDCG@10 as its score. */
export type RankedItem = {
  id: string;
  ranking: string[];
  ndcg_at_10: number;
  recall_at_20: number;
  mrr_at_10: number;
  score: number;
};

type CollectionDocument = { id: string; title: string; text: string };
type Collection = {
  documents: CollectionDocument[];
  questions: { id: string; text: string }[];
  /** Relevant documents of each question with their grades. */
  judgements: Map<string, Map<string, number>>;
};

const namespace = 'collection';
const stagedAtOnce = 4_000;
const rankedDocuments = 20;
/** Questions asked before the clock counts, so that the first one's compilation is not taken for a slow search. */
const warmingQuestions = 30;

const recordLine = z.object({ _id: z.string(), title: z.string().default(''), text: z.string() });

async function readRecords(path: string): Promise<CollectionDocument[]> {
  const lines = await readJsonLines(path, recordLine);
  return lines.map(({ _id: id, title, text }) => ({ id, title, text }));
}

/** Reads a folder in BEIR form: corpus.jsonl, queries.jsonl and qrels/test.tsv; grades above 0 are relevant. */
async function readCollection(folder: string): Promise<Collection> {
  const judgements: Collection['judgements'] = new Map();
  const path = join(folder, 'qrels', 'test.tsv');
  const rows = (await readTextFile(path)).split('\n');
  for (const [index, row] of rows.entries()) {
    if (index === 0 || row.trim() === '') continue;
    const [question = '', document = '', grade = ''] = row.trim().split('\t');
    if (grade === '' || Number.isNaN(Number(grade)))
      throw invalidField(
        `${path}:${index + 1}`,
        'Expected a question id, a document id and a grade, parted by tabs.',
      );
    if (Number(grade) <= 0) continue;
    const grades = judgements.get(question) ?? new Map<string, number>();
    judgements.set(question, grades.set(document, Number(grade)));
  }
  const questions = await readRecords(join(folder, 'queries.jsonl'));
  return {
    documents: await readRecords(join(folder, 'corpus.jsonl')),
    questions: questions.filter(({ id }) => judgements.has(id)),
    judgements,
  };
}

async function indexCollection(
  documents: readonly CollectionDocument[],
  options: { parameters: Partial<RankingParameters>; embeddingModel: EmbeddingModel | undefined },
) {
  const { parameters, embeddingModel } = options;
  const dimension = embeddingModel?.dimension ?? 0;
  const analyser = await loadAnalyser('english');
  const engine = createIndexEngine({ analyser, parameters, dimension });
  let builder = createSegmentBuilder({ analyser, dimension });
  let passages = 0;
  let segmentId = 0;
  const flush = () => {
    if (builder.passageCount > 0) engine.load((segmentId += 1), builder.finish());
    builder = createSegmentBuilder({ analyser, dimension });
  };
  for (const [documentId, document] of documents.entries()) {
    const { text } = document;
    const pieces =
      text.length <= maximumPassageCharacters
        ? [text]
        : splitPassages({ format: 'text', text, blocks: [], warnings: [] }).map((draft) => draft.text);
    const vectors = await embedTexts(embeddingModel, pieces);
    for (const [position, piece] of pieces.entries()) {
      const vector = vectors[position];
      builder.add({
        ...(vector ? { vector } : {}),
        id: (passages += 1),
        documentId,
        namespace,
        title: document.title,
        headingPath: [],
        text: piece,
      });
    }
    if (builder.passageCount >= stagedAtOnce) flush();
  }
  flush();
  return { engine, passages };
}

async function embedTexts(
  model: EmbeddingModel | undefined,
  texts: readonly string[],
): Promise<Float32Array[]> {
  return model === undefined ? [] : model.embed(texts, new AbortController().signal);
}

/** Documents by their best passage, best first. */
function rankDocuments(
  engine: IndexEngine,
  { text, vector }: { text: string; vector: Float32Array | undefined },
): number[] {
  const { candidates } = engine.search({
    text,
    namespaces: [namespace],
    limit: rankedDocuments * 5,
    ...(vector ? { vector } : {}),
  });
  return [...new Set(candidates.map(({ documentId }) => documentId))].slice(0, rankedDocuments);
}

function discount(grades: readonly number[]): number {
  return grades.reduce((sum, grade, index) => sum + grade / Math.log2(index + 2), 0);
}

function judge(ranking: readonly string[], grades: ReadonlyMap<string, number>) {
  const ideal = [...grades.values()].sort((left, right) => right - left).slice(0, 10);
  const gained = ranking.slice(0, 10).map((id) => grades.get(id) ?? 0);
  const first = gained.findIndex((grade) => grade > 0);
  return {
    ndcg: discount(gained) / discount(ideal),
    recall: ranking.slice(0, 20).filter((id) => grades.has(id)).length / grades.size,
    reciprocalRank: first < 0 ? 0 : 1 / (first + 1),
  };
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** The value below which a share of the sorted values lies. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/**
 * Runs the questions of a folder in BEIR form through the product's analyser, splitter and ranking. Documents of up to
 * 2,000 characters are one passage; a longer one counts by its best passage. nDCG uses the judgements' grades.
 * @param options.parameters ranking parameters to try instead of the product's
 * @param options.embeddingModel searches by meaning too; embedding the questions is not timed
 * @param options.onItem is told each question's ranking and figures
 * @throws AppError invalid_field naming file and line when a file is missing or a line is of another form
 */
export async function evaluateRetrieval(
  folder: string,
  options: {
    parameters?: Partial<RankingParameters>;
    embeddingModel?: EmbeddingModel | undefined;
    onItem?: (item: RankedItem) => void;
    now?: () => number;
  } = {},
): Promise<RetrievalFigures> {
  const { parameters = {}, embeddingModel, now = () => performance.now() } = options;
  const collection = await readCollection(folder);
  const { engine, passages } = await indexCollection(collection.documents, { parameters, embeddingModel });
  for (const { text } of collection.questions.slice(0, warmingQuestions))
    rankDocuments(engine, { text, vector: undefined });
  const timesMs: number[] = [];
  const judged: ReturnType<typeof judge>[] = [];
  for (const { id, text } of collection.questions) {
    const [vector] = await embedTexts(embeddingModel, [text]);
    const start = now();
    const numbers = rankDocuments(engine, { text, vector });
    timesMs.push(now() - start);
    const ranking = numbers.map((number) => collection.documents[number]?.id ?? '');
    const figures = judge(ranking, collection.judgements.get(id) ?? new Map());
    judged.push(figures);
    options.onItem?.({
      id,
      ranking,
      ndcg_at_10: figures.ndcg,
      recall_at_20: figures.recall,
      mrr_at_10: figures.reciprocalRank,
      score: figures.ndcg,
    });
  }
  timesMs.sort((left, right) => left - right);
  return {
    ndcg_at_10: mean(judged.map(({ ndcg }) => ndcg)),
    recall_at_20: mean(judged.map(({ recall }) => recall)),
    mrr_at_10: mean(judged.map(({ reciprocalRank }) => reciprocalRank)),
    queries: judged.length,
    documents: collection.documents.length,
    passages,
    p50_ms: percentile(timesMs, 0.5),
    p99_ms: percentile(timesMs, 0.99),
  };
}
